"""SOCKS4, 4a and 5 (RFC 1928, RFC 1929): what a client and its proxy send before the tunnel."""

import ipaddress
import struct

from .messages import http_request

GREETING = b"\x05\x01\x00"
GREETING_PASSWORD = b"\x05\x02\x00\x02"
CHOSEN = b"\x05\x00"
CHOSEN_PASSWORD = b"\x05\x02"
GRANTED = b"\x05\x00\x00\x01" + bytes(6)
GRANTED4 = b"\x00\x5a" + bytes(6)
NAME, V4, V6 = 3, 1, 4


def target(host):
    """The address of a SOCKS5 request: a name, or an address if the text is one."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return bytes([NAME, len(host)]) + host.encode()
    return bytes([V4 if address.version == 4 else V6]) + address.packed


def connect(host, port, command=1):
    return bytes([5, command, 0]) + target(host) + struct.pack(">H", port)


def password(user="miner", secret="x"):
    return b"\x01" + bytes([len(user)]) + user.encode() + bytes([len(secret)]) + secret.encode()


def connect4(address, port, user="me"):
    return b"\x04\x01" + struct.pack(">H", port) + ipaddress.ip_address(address).packed + user.encode() + b"\0"


def connect4a(host, port, user=""):
    return b"\x04\x01" + struct.pack(">H", port) + bytes([0, 0, 0, 7]) + user.encode() + b"\0" + host.encode() + b"\0"


class Way:
    """How a client asks one kind of proxy for a target: turns of the client, each with the proxy's answer.

    The last turn names the target.
    """

    def __init__(self, app, turns, name_only=False, address_only=False):
        self.app, self.turns = app, turns
        self.name_only, self.address_only = name_only, address_only

    def open(self, conversation, host, port, pipelined=False):
        """Goes as far as the tunnel's first byte; returns the frame that names the target."""
        turns = self.turns(host, port)
        if pipelined:
            (asked,) = conversation.client(b"".join(said for said, _ in turns))
            conversation.server(b"".join(answer for _, answer in turns))
            return asked
        for said, answer in turns:
            (asked,) = conversation.client(said)
            conversation.server(answer)
        return asked


def _http(host, port):
    authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return [
        (
            http_request(method="CONNECT", target=authority, host=authority),
            b"HTTP/1.1 200 Connection established\r\n\r\n",
        )
    ]


WAYS = {
    "socks5": Way("socks", lambda h, p: [(GREETING, CHOSEN), (connect(h, p), GRANTED)]),
    "socks5_password": Way(
        "socks",
        lambda h, p: [(GREETING_PASSWORD, CHOSEN_PASSWORD), (password(), b"\x01\x00"), (connect(h, p), GRANTED)],
    ),
    "socks4": Way("socks", lambda h, p: [(connect4(h, p), GRANTED4)], address_only=True),
    "socks4a": Way("socks", lambda h, p: [(connect4a(h, p), GRANTED4)], name_only=True),
    "http_connect": Way("http", _http),
}

"""Tells from the bytes that an application read: do they hold a complete mining message, or a complete request for a
pool's name?

This is a reader of our own, which shares no code with the product. Each function takes the bytes of one connection (or
the datagrams) and returns whether the receiver has all that it needs to act.
"""

import json
import struct

import paths  # noqa: F401  pylint: disable=unused-import
from harness.messages import is_mining_request

WEB_TYPES = ("auth", "submit")


def is_mining(message):
    """Also the dialects of browser miners, and arrays of messages."""
    if isinstance(message, list):
        return any(is_mining(one) for one in message)
    if is_mining_request(message):
        return True
    if not isinstance(message, dict):
        return False
    if message.get("identifier") == "handshake" and "pool" in message:
        return True
    params = message.get("params")
    if message.get("method") == "get_block_template":
        return isinstance(params, dict) and "wallet_address" in params
    return message.get("type") in WEB_TYPES and isinstance(params, dict) and ("site_key" in params or "job_id" in params)


def _decoded(text):
    try:
        return json.loads(text.decode("utf-8-sig"))
    except ValueError:
        return None


def lines(data):
    """JSON objects, one in a line; only a complete line counts."""
    return any(is_mining(_decoded(line)) for line in data.split(b"\n")[:-1])


def http_requests(data):
    """The complete requests in a row: (request line, headers as a dictionary in lower case, body)."""
    while b"\r\n\r\n" in data:
        head, data = data.split(b"\r\n\r\n", 1)
        first, *fields = head.lstrip(b"\r\n").decode("latin-1").split("\r\n")
        headers = {}
        for field in fields:
            name, _, value = field.partition(":")
            headers[name.strip().lower()] = value.strip()
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body, data = _chunks(data)
        else:
            size = int(headers.get("content-length", "0"))
            body, data = (data[:size], data[size:]) if len(data) >= size else (None, b"")
        if body is None:
            return
        yield first, headers, body


def _chunks(data):
    body = b""
    while b"\r\n" in data:
        size, data = data.split(b"\r\n", 1)
        length = int(size.split(b";")[0], 16)
        if len(data) < length + 2:
            break
        body, data = body + data[:length], data[length + 2 :]
        if length == 0:
            return body, data
    return None, b""


def http_body(data):
    return any(is_mining(_decoded(body)) for _, _, body in http_requests(data))


def http_host(name):
    def look(data):
        return any(headers.get("host", "").split(":")[0] == name for _, headers, _ in http_requests(data))

    return look


def proxy_header_1(oracle):
    """The PROXY protocol's line must be whole."""

    def look(data):
        first, end, rest = data.partition(b"\r\n")
        return bool(end) and first.startswith(b"PROXY TCP4 ") and first.count(b" ") == 5 and oracle(rest)

    return look


def behind(size, oracle):
    """Removes the dialogue before the message, which the oracle does not judge."""
    return lambda data: oracle(data[size:])


def websocket(data):
    """Text or binary messages of masked frames, with fragments put together."""
    message = b""
    while len(data) >= 6:
        final, size, at = data[0] & 0x80, data[1] & 0x7F, 2
        if size == 126:
            size, at = struct.unpack_from(">H", data, 2)[0], 4
        if not data[1] & 0x80 or size == 127 or len(data) < at + 4 + size:
            return False
        mask, body = data[at : at + 4], data[at + 4 : at + 4 + size]
        data = data[at + 4 + size :]
        message += bytes(byte ^ mask[place % 4] for place, byte in enumerate(body))
        if final:
            if is_mining(_decoded(message)):
                return True
            message = b""
    return False


def handshake_of(data):
    """The handshake bytes of consecutive TLS records, up to the first incomplete record."""
    out = b""
    while len(data) >= 5 and data[0] == 22:
        size = struct.unpack_from(">H", data, 3)[0]
        if len(data) < 5 + size:
            break
        out, data = out + data[5 : 5 + size], data[5 + size :]
    return out


def server_name(hello):
    """The server name of a complete ClientHello, or None."""
    if len(hello) < 4 or hello[0] != 1 or len(hello) < 4 + int.from_bytes(hello[1:4], "big"):
        return None
    at = 38 + 1 + hello[38]
    at += 2 + struct.unpack_from(">H", hello, at)[0]
    at += 1 + hello[at]
    end = at + 2 + struct.unpack_from(">H", hello, at)[0]
    at += 2
    while at + 4 <= end:
        kind, size = struct.unpack_from(">HH", hello, at)
        if kind == 0:
            return hello[at + 9 : at + 4 + size].decode("latin-1")
        at += 4 + size
    return None


def tls_name(name):
    return lambda data: server_name(handshake_of(data)) == name


def asks_for(message, name):
    """Whether a DNS message is a question for the name."""
    return len(message) > 16 and name.encode() in _name_of(message)


def _name_of(message):
    labels, at = [], 12
    while at < len(message) and 0 < message[at] < 64:
        labels.append(message[at + 1 : at + 1 + message[at]])
        at += 1 + message[at]
    return b".".join(labels).lower()


def dns_stream(name):
    def look(data):
        while len(data) >= 2:
            size = struct.unpack_from(">H", data)[0]
            if len(data) < 2 + size:
                return False
            if asks_for(data[2 : 2 + size], name):
                return True
            data = data[2 + size :]
        return False

    return look


def dns_datagram(name):
    return lambda datagrams: any(asks_for(one, name) for one in datagrams)


def all_of(sent):
    """Every one of these datagrams has arrived: for a message that the receiver can use only as a whole."""
    return lambda datagrams: set(sent) <= set(datagrams)


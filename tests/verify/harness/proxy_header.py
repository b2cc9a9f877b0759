"""The header of the PROXY protocol, versions 1 and 2 (HAProxy's specification)."""

import ipaddress
import struct

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
CLIENT, SERVER = ("192.0.2.7", 50000), ("198.51.100.9", 443)
CLIENT6, SERVER6 = ("2001:db8::7", 50000), ("2001:db8::9", 443)


def version1(client=CLIENT, server=SERVER):
    kind = "TCP6" if ":" in client[0] else "TCP4"
    return f"PROXY {kind} {client[0]} {server[0]} {client[1]} {server[1]}\r\n".encode()


def version2(client=CLIENT, server=SERVER, values=b"", command=0x21, family=None):
    """`family` 0 has no addresses, 0x31 those of Unix sockets; `values` stand behind the addresses."""
    if family is None:
        family = 0x21 if ":" in client[0] else 0x11
    body = values
    if family in (0x11, 0x21):
        ends = [ipaddress.ip_address(end[0]).packed for end in (client, server)]
        body = b"".join(ends) + struct.pack(">HH", client[1], server[1]) + values
    return SIGNATURE + bytes([command, family]) + struct.pack(">H", len(body)) + body


def value(kind, data):
    """One of the values behind the addresses (a TLV)."""
    return bytes([kind]) + struct.pack(">H", len(data)) + data

"""TLS ClientHellos (RFC 8446, 4.1.2; RFC 6066, 3)."""

import struct


def sized(data, width=2):
    return len(data).to_bytes(width, "big") + data


def extension(kind, data):
    return struct.pack(">H", kind) + sized(data)


def server_name(name):
    return extension(0, sized(b"\0" + sized(name.encode())))


def grease(kind=0x2A2A):
    return extension(kind, b"")


def client_hello(name=None, before=(), after=(), alpn=("h2", "http/1.1"), ciphers=(0x1301, 0x1302, 0xC02F)):
    """The handshake message, without its record header."""
    extensions = b"".join(before)
    if name is not None:
        extensions += server_name(name)
    if alpn:
        extensions += extension(16, sized(b"".join(sized(p.encode(), 1) for p in alpn)))
    extensions += extension(43, b"\x02\x03\x04") + extension(10, sized(struct.pack(">HH", 0x001D, 0x0017)))
    extensions += b"".join(after)
    body = b"\x03\x03" + bytes(range(32)) + sized(bytes(32), 1)
    body += sized(b"".join(struct.pack(">H", cipher) for cipher in ciphers)) + b"\x01\x00" + sized(extensions)
    return b"\x01" + sized(body, 3)


def records(message, size=16384, version=b"\x03\x01"):
    """A handshake message in records of at most `size` bytes."""
    pieces = (message[at : at + size] for at in range(0, len(message), size))
    return b"".join(b"\x16" + version + sized(piece) for piece in pieces)


def hello(name=None, size=16384, **options):
    return records(client_hello(name, **options), size)


SERVER_HELLO = records(
    b"\x02" + sized(b"\x03\x03" + bytes(range(32)) + sized(bytes(32), 1) + b"\x13\x01\x00" + sized(b""), 3)
)
APPLICATION_DATA = b"\x17\x03\x03" + sized(bytes((7 * i) & 255 for i in range(300)))

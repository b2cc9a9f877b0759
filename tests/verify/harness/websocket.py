"""WebSocket connections (RFC 6455): the upgrade, frames, and how a server reads them."""

import json
import struct

from .messages import http_request

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
CONTINUATION = 0
MASK = bytes.fromhex("37fa213d")

_KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
SWITCHED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)


def upgrade(target="/proxy", host="203.0.113.9:41003", headers=()):
    return http_request(
        method="GET",
        target=target,
        host=host,
        headers=["Upgrade: websocket", "Connection: Upgrade", _KEY, "Sec-WebSocket-Version: 13", *headers],
    )


def xor(data, mask):
    return bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))


def frame(payload, opcode=TEXT, final=True, mask=MASK, reserved=0, width=None):
    """One frame; `mask` None: as a server sends it. `width`: bytes of the length, if it is not the shortest form."""
    first = (0x80 if final else 0) | reserved << 4 | opcode
    size = len(payload)
    width = width or (1 if size < 126 else 2 if size < 65536 else 8)
    head = {1: lambda: bytes([size]), 2: lambda: b"\x7e" + struct.pack(">H", size)}.get(
        width, lambda: b"\x7f" + struct.pack(">Q", size)
    )()
    masked = 0x80 if mask else 0
    head = bytes([first, head[0] | masked]) + head[1:]
    return head + (mask + xor(payload, mask) if mask else payload)


def message(value, cuts=(), between=b"", opcode=TEXT, mask=MASK):
    """A message: JSON, or raw bytes. `cuts`: it goes in fragments; `between`: control frames between them."""
    data = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    borders = [0, *cuts, len(data)]
    out = []
    for number, (begin, end) in enumerate(zip(borders, borders[1:])):
        kind = opcode if number == 0 else CONTINUATION
        out.append(frame(data[begin:end], kind, final=end == len(data), mask=mask))
    return between.join(out)


def answer(value):
    """A server's message."""
    return message(value, mask=None)


def texts(data):
    """The complete messages of a direction, as a strict server reads them, from the upgrade on."""
    at = data.find(b"\r\n\r\n") + 4
    held, out = b"", []
    while at + 2 <= len(data):
        first, second = data[at], data[at + 1]
        size, head = second & 127, 2
        if size == 126:
            size, head = int.from_bytes(data[at + 2 : at + 4], "big"), 4
        elif size == 127:
            size, head = int.from_bytes(data[at + 2 : at + 10], "big"), 10
        mask = data[at + head : at + head + 4] if second & 128 else bytes(4)
        head += 4 if second & 128 else 0
        if at + head + size > len(data):
            break
        payload = xor(data[at + head : at + head + size], mask) if size else b""
        at += head + size
        if first & 15 >= CLOSE:
            continue
        held += payload
        if first & 0x80:
            out.append(held)
            held = b""
    return out


def messages(data):
    """The JSON that a server got: see Conversation.reader."""
    for text in texts(data):
        for line in text.splitlines():
            try:
                yield json.loads(line)
            except ValueError:
                pass


def open_websocket(t, request=None, **ends):
    """A connection that has been upgraded."""
    c = t.tcp(**ends)
    c.reader = messages
    c.client(request or upgrade())
    c.server(SWITCHED)
    return c

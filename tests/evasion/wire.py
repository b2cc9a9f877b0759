"""Packets from their fields, and every field can be wrong on purpose: lengths, offsets, checksums."""

import struct

TCP, UDP, IPV6_IN_IP, GRE, IPIP = 6, 17, 41, 47, 4
HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION = 0, 43, 44, 60
FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = 1, 2, 4, 8, 16, 32, 64, 128
MASK = 0xFFFFFFFF
SMALLEST_FIRST = 24  # bytes of a first fragment that Linux accepts in IPv6: a TCP header, in units of eight


def checksum(data):
    """RFC 1071. One's complement addition of 16-bit words is addition modulo 65535."""
    if len(data) % 2:
        data += b"\0"
    return ~(int.from_bytes(data, "big") % 0xFFFF) & 0xFFFF


def transport_checksum(source, destination, protocol, body):
    if len(source) == 4:
        pseudo = source + destination + struct.pack(">BBH", 0, protocol, len(body))
    else:
        pseudo = source + destination + struct.pack(">IHBB", len(body), 0, 0, protocol)
    return checksum(pseudo + body)


def tcp(ends, seq, ack, flags, data=b"", options=b"", window=64240, urgent=0, offset=None, bad_checksum=False):
    """A segment; `ends` is (source, destination, source port, destination port), `offset` the data offset in words."""
    source, destination, sport, dport = ends
    words = (20 + len(options)) // 4 if offset is None else offset
    head = struct.pack(">HHIIBBH", sport, dport, seq & MASK, ack & MASK, words << 4, flags, window)
    tail = struct.pack(">H", urgent) + options + data
    check = transport_checksum(source, destination, TCP, head + b"\0\0" + tail)
    return head + struct.pack(">H", check ^ 0x5A5A if bad_checksum else check) + tail


def udp(ends, data):
    source, destination, sport, dport = ends
    head = struct.pack(">HHH", sport, dport, 8 + len(data))
    check = transport_checksum(source, destination, UDP, head + b"\0\0" + data) or 0xFFFF
    return head + struct.pack(">H", check) + data


def ipv4(source, destination, protocol, body, **fields):
    """`identity`, `ttl`, `fragment` (flags and offset), `options`, `excess` (added to the total length), `bad_checksum`."""
    options = fields.get("options", b"")
    total = 20 + len(options) + len(body) + fields.get("excess", 0)
    head = struct.pack(
        ">BBHHHBB",
        0x40 | (20 + len(options)) // 4,
        0,
        total,
        fields.get("identity", 0),
        fields.get("fragment", 0),
        fields.get("ttl", 64),
        protocol,
    )
    check = checksum(head + b"\0\0" + source + destination + options)
    if fields.get("bad_checksum"):
        check ^= 0x1111
    return head + struct.pack(">H", check) + source + destination + options + body


def ipv6(source, destination, protocol, body, **fields):
    """`ttl` is the hop limit; `excess` is added to the payload length."""
    length = len(body) + fields.get("excess", 0)
    return struct.pack(">IHBB", 0x60000000, length, protocol, fields.get("ttl", 64)) + source + destination + body


def ip(source, destination, protocol, body, **fields):
    build = ipv4 if len(source) == 4 else ipv6
    return build(source, destination, protocol, body, **fields)


class Split:
    """An IP packet, split into parts so that they can be put together in another way."""

    def __init__(self, packet):
        self.v4 = packet[0] >> 4 == 4
        if self.v4:
            size = (packet[0] & 15) * 4
            total = struct.unpack_from(">H", packet, 2)[0]
            self.identity, self.fragment = struct.unpack_from(">HH", packet, 4)
            self.ttl, self.protocol = packet[8], packet[9]
            self.source, self.destination = packet[12:16], packet[16:20]
            self.options, self.body = packet[20:size], packet[size:total]
        else:
            total = struct.unpack_from(">H", packet, 4)[0]
            self.identity, self.fragment, self.options = 0, 0, b""
            self.protocol, self.ttl = packet[6], packet[7]
            self.source, self.destination = packet[8:24], packet[24:40]
            self.body = packet[40 : 40 + total]

    def whole(self, **changes):
        fields = {"identity": self.identity, "ttl": self.ttl, "options": self.options, **changes}
        protocol = fields.pop("protocol", self.protocol)
        body = fields.pop("body", self.body)
        return ip(self.source, self.destination, protocol, body, **fields)

    def piece(self, offset, data, more, identity, **changes):
        """A fragment with `data` at byte `offset` (a multiple of 8)."""
        if self.v4:
            fragment = offset // 8 | (0x2000 if more else 0)
            return self.whole(body=data, identity=identity & 0xFFFF, fragment=fragment, **changes)
        protocol = changes.pop("protocol", self.protocol)
        head = struct.pack(">BBHI", protocol, 0, offset | int(more), identity)
        return self.whole(protocol=FRAGMENT, body=head + data, **changes)

    def pieces(self, size, identity, **changes):
        """Fragments of `size` bytes in order. Over IPv6 the first one holds the TCP header: Linux takes no other
        (RFC 8200, 4.5).
        """
        first = size if self.v4 else max(size, SMALLEST_FIRST)
        borders = [0, *range(first, len(self.body), size), len(self.body)]
        return [
            self.piece(at, self.body[at:end], end < len(self.body), identity, **changes)
            for at, end in zip(borders, borders[1:])
        ]


def tcp_fields(body):
    """(source port, destination port, seq, ack, flags, window, options, data) of a segment that a kernel made."""
    sport, dport, seq, ack, words, flags, window = struct.unpack_from(">HHIIBBH", body)
    size = (words >> 4) * 4
    return sport, dport, seq, ack, flags, window, body[20:size], body[size:]

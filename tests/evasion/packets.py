"""IP techniques: what is done to each packet of a connection. A function takes the packet and its Peer, and gives
packets.
"""

import dataclasses
import struct
import typing

import wire
from technique import shuffled


@dataclasses.dataclass(frozen=True)
class IpTechnique:
    name: str
    text: str
    packets: typing.Callable
    v4: bool = True
    v6: bool = True
    contradicts: bool = False  # whether it sends two versions of the same bytes
    refused: bool = False  # whether Linux refuses such fragments; over IPv6 also if the first is tiny

    @property
    def passes(self):
        """Whether the appliance can see what is above it: such cells prove the most."""
        return not (self.contradicts or self.refused)


IP_TECHNIQUES = {}


def ip_technique(name, text, **families):
    def register(packets):
        IP_TECHNIQUES[name] = IpTechnique(name, text, packets, **families)
        return packets

    return register


def harmless(split):
    """A packet like this one with harmless payload and right checksums: the source of a decoy's fragments."""
    body = split.body
    if split.protocol == wire.TCP:
        size = (body[12] >> 4) * 4
        check, fill = 16, body[size:]
    else:
        size, check, fill = 8, 6, body[8:]
    body = bytearray(body[:size] + b"x" * len(fill))
    body[check : check + 2] = b"\0\0"
    total = wire.transport_checksum(split.source, split.destination, split.protocol, bytes(body))
    body[check : check + 2] = struct.pack(">H", total)
    return wire.Split(split.whole(body=bytes(body)))


def identity(peer):
    """A new identification for a fragmented packet."""
    peer.memory["identity"] = peer.memory.get("identity", peer.random.randrange(1 << 16)) + 1
    return peer.memory["identity"] & 0xFFFF


@ip_technique("none", "packets as they are")
def none(packet, _):
    return [packet]


@ip_technique("frag-8", "fragments of 8 bytes, in order: the TCP header lies in three")
def frag_8(packet, peer):
    return wire.Split(packet).pieces(8, identity(peer))


@ip_technique("frag-24", "fragments of 24 bytes, in order")
def frag_24(packet, peer):
    return wire.Split(packet).pieces(24, identity(peer))


@ip_technique("frag-reversed", "fragments of 16 bytes, the last one first")
def frag_reversed(packet, peer):
    return wire.Split(packet).pieces(16, identity(peer))[::-1]


@ip_technique("frag-shuffled", "fragments of 8 bytes in a random order")
def frag_shuffled(packet, peer):
    return shuffled(wire.Split(packet).pieces(8, identity(peer)), peer.random)


@ip_technique("frag-duplicated", "every fragment twice")
def frag_duplicated(packet, peer):
    return [one for one in wire.Split(packet).pieces(16, identity(peer)) for _ in range(2)]


@ip_technique("frag-tiny-first", "a first fragment of 8 bytes, the rest in a second")
def frag_tiny_first(packet, peer):
    split, number = wire.Split(packet), identity(peer)
    return [split.piece(0, split.body[:8], True, number), split.piece(8, split.body[8:], False, number)]


# For a receiver that remembers a packet as long as its fragments may live, the next packet is another version of it
# (ADR 10).
@ip_technique("frag-id-reused", "all datagrams in fragments with the same identification", contradicts=True)
def frag_id_reused(packet, _):
    return wire.Split(packet).pieces(24, 0x4242)


@ip_technique("frag-overlap-equal", "fragments that overlap with equal bytes", refused=True)
def frag_overlap_equal(packet, peer):
    split, number = wire.Split(packet), identity(peer)
    size = len(split.body)
    return [split.piece(at, split.body[at : at + 16], at + 16 < size, number) for at in range(0, size, 8)]


@ip_technique(
    "frag-overlap-new",
    "each fragment's second half comes again with the message's bytes, first they were harmless",
    contradicts=True,
    refused=True,
)
def frag_overlap_new(packet, peer):
    split, number = wire.Split(packet), identity(peer)
    other, size = harmless(split), len(split.body)
    out = []
    for at in range(0, size, 16):
        out.append(split.piece(at, split.body[at : at + 8] + other.body[at + 8 : at + 16], at + 16 < size, number))
        if at + 8 < size:
            out.append(split.piece(at + 8, split.body[at + 8 : at + 24], at + 24 < size, number))
    return out


@ip_technique(
    "frag-inside-old",
    "behind a fragment, one that lies within it and has harmless bytes",
    contradicts=True,
)
def frag_inside(packet, peer):
    split, number = wire.Split(packet), identity(peer)
    other, size = harmless(split), len(split.body)
    out = []
    for at in range(0, size, 48):
        out.append(split.piece(at, split.body[at : at + 48], at + 48 < size, number))
        if at + 24 <= size and at + 48 < size:
            out.append(split.piece(at + 8, other.body[at + 8 : at + 24], True, number))
    return out


@ip_technique(
    "frag-exact-conflict",
    "behind each fragment the same place with harmless bytes",
    contradicts=True,
)
def frag_exact_conflict(packet, peer):
    split, number = wire.Split(packet), identity(peer)
    pairs = zip(split.pieces(24, number), harmless(split).pieces(24, number))
    out = [one for pair in pairs for one in pair]
    return out[:-1]  # the last piece completes the packet; later pieces would begin another one


@ip_technique(
    "frag-decoy-ttl",
    "before each fragment the same place with harmless bytes and too small a TTL",
    contradicts=True,
)
def frag_decoy_ttl(packet, peer):
    split, number = wire.Split(packet), identity(peer)
    pairs = zip(harmless(split).pieces(24, number, ttl=1), split.pieces(24, number))
    return [one for pair in pairs for one in pair]


@ip_technique(
    "frag-decoys-first",
    "the whole datagram harmless and with too small a TTL, then with the message, one identification",
    contradicts=True,
)
def frag_decoys_first(packet, peer):
    split, number = wire.Split(packet), identity(peer)
    return harmless(split).pieces(24, number, ttl=1) + split.pieces(24, number)


@ip_technique(
    "frag-unfinished-then-new",
    "a harmless datagram that never ends, then the message with another identification",
)
def frag_unfinished(packet, peer):
    split = wire.Split(packet)
    return harmless(split).pieces(8, identity(peer))[:-1] + split.pieces(8, identity(peer))


@ip_technique(
    "frag-unfinished-same-id",
    "a harmless datagram without its end dies on the way, then the message, one identification",
    contradicts=True,
)
def frag_unfinished_same(packet, peer):
    split, number = wire.Split(packet), identity(peer)
    return harmless(split).pieces(8, number, ttl=1)[:-1] + split.pieces(8, number)


@ip_technique(
    "frag-two-ends",
    "a last fragment that dies on the way makes the datagram shorter; then the true ones",
    contradicts=True,
)
def frag_two_ends(packet, peer):
    split, number = wire.Split(packet), identity(peer)
    return [split.piece(8, split.body[8:16], False, number, ttl=1)] + split.pieces(16, number)


@ip_technique(
    "frag-two-datagrams",
    "the fragments of a packet and of a harmless one, which dies on the way, take turns",
    contradicts=True,
)
def frag_two_datagrams(packet, peer):
    split = wire.Split(packet)
    pairs = zip(harmless(split).pieces(16, identity(peer), ttl=1), split.pieces(16, identity(peer)))
    return [one for pair in pairs for one in pair]


@ip_technique("options", "IP options: record route, router alert, time stamps", v6=False)
def options(packet, _):
    # RFC 791: record route with room for one, timestamp with room for one, no operation; RFC 2113: router alert.
    field = b"\x07\x07\x04" + bytes(4) + b"\x44\x08\x05\x00" + bytes(4) + b"\x94\x04\x00\x00" + b"\x01"
    return [wire.Split(packet).whole(options=field)]


@ip_technique("options-fragmented", "IP options, and fragments of 16 bytes", v6=False)
def options_fragmented(packet, peer):
    split = wire.Split(packet)
    split.options = b"\x94\x04\x00\x00" + b"\x01" * 4
    return split.pieces(16, identity(peer))


@ip_technique("reserved-bit", "the reserved bit and DF set (RFC 3514)", v6=False)
def reserved_bit(packet, _):
    return [wire.Split(packet).whole(fragment=0xC000)]


@ip_technique("df-and-mf", "fragments that are not to be fragmented", v6=False)
def df_and_mf(packet, peer):
    out = []
    for one in wire.Split(packet).pieces(32, identity(peer)):
        split = wire.Split(one)
        out.append(split.whole(fragment=split.fragment | 0x4000))
    return out


PAD_6 = b"\x01\x04\0\0\0\0"  # PadN of six bytes fills an extension header of eight
SKIPPED = b"\x1e"  # an unknown option that receivers skip (RFC 4727)


def _chain(split, headers):
    """(protocol, body) with these extension headers, given as (type, content without next header and length)."""
    protocol, body = split.protocol, split.body
    for kind, content in reversed(headers):
        body = struct.pack(">BB", protocol, (len(content) + 2) // 8 - 1) + content + body
        protocol = kind
    return protocol, body


@ip_technique("ext-hop-by-hop", "a hop-by-hop header", v4=False)
def hop_by_hop(packet, _):
    split = wire.Split(packet)
    protocol, body = _chain(split, [(wire.HOP_BY_HOP, PAD_6)])
    return [split.whole(protocol=protocol, body=body)]


@ip_technique("ext-chain", "hop-by-hop, destination, routing and destination headers", v4=False)
def ext_chain(packet, _):
    split = wire.Split(packet)
    headers = [
        (wire.HOP_BY_HOP, PAD_6),
        (wire.DESTINATION, PAD_6),
        (wire.ROUTING, bytes(6)),  # type 0, no segments left: receivers skip it (RFC 8200, 4.4)
        (wire.DESTINATION, SKIPPED + b"\x0c" + bytes(12)),
    ]
    protocol, body = _chain(split, headers)
    return [split.whole(protocol=protocol, body=body)]


@ip_technique("ext-many", "twelve destination headers", v4=False)
def ext_many(packet, _):
    split = wire.Split(packet)
    protocol, body = _chain(split, [(wire.DESTINATION, PAD_6)] * 12)
    return [split.whole(protocol=protocol, body=body)]


@ip_technique("ext-long", "a destination header of 256 bytes", v4=False)
def ext_long(packet, _):
    split = wire.Split(packet)
    protocol, body = _chain(split, [(wire.DESTINATION, SKIPPED + b"\xfc" + bytes(252))])
    return [split.whole(protocol=protocol, body=body)]


@ip_technique("atomic", "a fragment header on a packet that is whole (RFC 6946)", v4=False)
def atomic(packet, peer):
    split = wire.Split(packet)
    return [split.piece(0, split.body, False, identity(peer))]


@ip_technique(
    "ext-in-fragments",
    "a destination header within the fragmented part, pieces of 24 bytes",
    v4=False,
)
def ext_in_fragments(packet, peer):
    split = wire.Split(packet)
    protocol, body = _chain(split, [(wire.DESTINATION, PAD_6)])
    return wire.Split(split.whole(protocol=protocol, body=body)).pieces(48, identity(peer))


@ip_technique("ext-before-fragments", "a hop-by-hop header before the fragment header", v4=False)
def ext_before_fragments(packet, peer):
    out = []
    for one in wire.Split(packet).pieces(24, identity(peer)):
        split = wire.Split(one)
        protocol, body = _chain(split, [(wire.HOP_BY_HOP, PAD_6)])
        out.append(split.whole(protocol=protocol, body=body))
    return out

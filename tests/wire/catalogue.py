"""Frames that occur on a wire and that it must carry unchanged, although minerwall does not understand most of them."""

import random
import struct

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import (
    ICMPv6ND_NS,
    IPv6,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
    PadN,
)
from scapy.layers.l2 import ARP, GRE, Dot1Q, Ether
from scapy.packet import Raw

CLIENT, SERVER = "02:00:00:00:00:0a", "02:00:00:00:00:0b"
ETHER = bytes.fromhex("02000000000b02000000000a")  # destination, source


def ethernet(ethertype, payload, destination=None):
    """A frame with an EtherType and bytes of our own, made without a library."""
    head = bytes.fromhex(destination) + ETHER[6:] if destination else ETHER
    return head + struct.pack("!H", ethertype) + payload


def llc(destination, payload):
    """IEEE 802.3: a length where Ethernet II has the EtherType."""
    return bytes.fromhex(destination) + ETHER[6:] + struct.pack("!H", len(payload)) + payload


def ip4(payload, **fields):
    return IP(src="10.1.1.1", dst="10.1.1.2", **fields) / payload


def ip6(payload):
    return IPv6(src="fd00::1", dst="fd00::2") / payload


def on_ether(packet):
    return bytes(Ether(src=CLIENT, dst=SERVER) / packet)


def non_ip():
    filler = bytes(range(46))
    yield "ARP request", bytes(
        Ether(src=CLIENT, dst="ff:ff:ff:ff:ff:ff") / ARP(psrc="10.1.1.1", pdst="10.1.1.2")
    )
    yield "STP", llc("0180c2000000", bytes.fromhex("424203000002020000") + bytes(30))
    yield "PVST+", llc("01000ccccccd", bytes.fromhex("aaaa0300000c010b") + bytes(42))
    yield "LLDP", ethernet(
        0x88CC, bytes.fromhex("0207040200000000010402313206020078") + bytes(29), "0180c200000e"
    )
    yield "LACP", ethernet(0x8809, bytes.fromhex("0101011480000200") + bytes(102), "0180c2000002")
    yield "pause", ethernet(0x8808, bytes.fromhex("0001ffff") + bytes(42), "0180c2000001")
    yield "EAPOL", ethernet(0x888E, bytes.fromhex("01010000") + bytes(42), "0180c2000003")
    yield "PTP", ethernet(0x88F7, bytes(46), "011b19000000")
    yield "CDP", llc("01000ccccccc", bytes.fromhex("aaaa0300000c2000") + bytes(38))
    yield "IPX in 802.3", llc("ffffffffffff", b"\xff\xff" + bytes(44))
    yield "unknown EtherType", ethernet(0x1234, filler)
    yield "EtherType 0x0600", ethernet(0x0600, filler)
    yield "EtherType 0xffff", ethernet(0xFFFF, filler)
    yield "length 0", ethernet(0, filler)


def tagged():
    http = ip4(TCP(sport=50000, dport=80, flags="S"))
    yield "VLAN", on_ether(Dot1Q(vlan=10) / http)
    yield "VLAN with priority and DEI", on_ether(Dot1Q(prio=5, id=1, vlan=10) / http)
    yield "priority tag", on_ether(Dot1Q(prio=7, vlan=0) / http)
    yield "VLAN 4095", on_ether(Dot1Q(vlan=4095) / http)
    yield "VLAN with ARP", on_ether(Dot1Q(vlan=3) / ARP(psrc="10.1.1.1", pdst="10.1.1.2"))
    yield "VLAN with IPv6", on_ether(Dot1Q(vlan=3) / ip6(UDP(sport=5000, dport=5001) / Raw(b"x" * 30)))
    inner = bytes(Dot1Q(vlan=20) / http)
    yield "QinQ 0x88a8", ethernet(0x88A8, struct.pack("!HH", 100, 0x8100) + inner)
    yield "QinQ 0x8100 twice", ethernet(0x8100, struct.pack("!HH", 100, 0x8100) + inner)
    yield "QinQ 0x9100", ethernet(0x9100, struct.pack("!HH", 100, 0x8100) + inner)
    yield "S-tag alone", ethernet(0x88A8, struct.pack("!HH", 100, 0x0800) + bytes(http))
    yield "three tags", ethernet(0x88A8, struct.pack("!HHHH", 1, 0x8100, 2, 0x8100) + inner)
    # Two bytes more than the tag: Linux itself discards a shorter tagged frame before any socket sees it.
    yield "VLAN cut after the tag", ethernet(0x8100, b"\x00\x0a\x08\x00\x45\x00")
    yield "full-size VLAN frame", on_ether(Dot1Q(vlan=10) / ip4(UDP(sport=1, dport=2) / Raw(b"v" * 1472)))


def encapsulated():
    inner = ip4(TCP(sport=50001, dport=80, flags="PA") / Raw(b"GET / HTTP/1.0\r\n\r\n"))
    yield "MPLS, two labels", ethernet(
        0x8847, struct.pack("!II", (100 << 12) | 64, (200 << 12) | 0x100 | 64) + bytes(inner)
    )
    yield "MPLS multicast", ethernet(0x8848, struct.pack("!I", (100 << 12) | 0x100 | 64) + bytes(inner))
    yield "MPLS without bottom of stack", ethernet(0x8847, struct.pack("!I", (100 << 12) | 64) * 11)
    yield "PPPoE discovery", ethernet(
        0x8863, bytes.fromhex("11090000000401010000") + bytes(36), "ffffffffffff"
    )
    yield "PPPoE session", ethernet(
        0x8864, struct.pack("!BBHHH", 0x11, 0, 7, len(bytes(inner)) + 2, 0x0021) + bytes(inner)
    )
    yield "GRE", on_ether(ip4(GRE() / inner))
    yield "IPIP", on_ether(ip4(inner))
    yield "6in4", on_ether(ip4(ip6(UDP(sport=1, dport=2)), proto=41))
    yield "VXLAN", on_ether(
        ip4(UDP(sport=33333, dport=4789) / Raw(bytes.fromhex("0800000000007b00") + on_ether(inner)))
    )
    yield "ESP", on_ether(ip4(Raw(bytes(range(64))), proto=50))
    yield "SCTP", on_ether(ip4(Raw(struct.pack("!HHII", 1, 2, 3, 4) + bytes(20)), proto=132))
    yield "OSPF", on_ether(ip4(Raw(bytes(44)), proto=89))


def ipv4():
    yield "UDP", on_ether(ip4(UDP(sport=1000, dport=2000) / Raw(b"hello" * 9)))
    yield "ICMP", on_ether(ip4(ICMP() / Raw(bytes(56))))
    yield "options", on_ether(
        ip4(
            UDP(sport=1, dport=2) / Raw(b"o" * 20),
            options=b"\x94\x04\x00\x00\x83\x07\x04\x0a\x00\x00\x01\x00",
        )
    )
    yield "TTL 0", on_ether(ip4(UDP(sport=1, dport=2) / Raw(b"t" * 20), ttl=0))
    yield "wrong header checksum", on_ether(ip4(UDP(sport=1, dport=2) / Raw(b"c" * 20), chksum=0xDEAD))
    yield "version 7", on_ether(ip4(UDP(sport=1, dport=2) / Raw(b"v" * 20), version=7))
    yield "header length 4", on_ether(ip4(UDP(sport=1, dport=2) / Raw(b"h" * 20), ihl=4))
    yield "header longer than frame", on_ether(ip4(Raw(b"h" * 26), ihl=15))
    yield "total length too long", on_ether(ip4(UDP(sport=1, dport=2) / Raw(b"l" * 20), len=900))
    yield "total length too short", on_ether(ip4(UDP(sport=1, dport=2) / Raw(b"s" * 20), len=21))
    yield "padding that is not zero", on_ether(
        ip4(TCP(sport=1, dport=2, flags="A"))
    ) + b"\xaa\x55\xaa\x55\xaa\x55"
    yield "same address at both ends", on_ether(IP(src="10.1.1.1", dst="10.1.1.1") / UDP(sport=9, dport=9))
    yield "multicast", bytes(
        Ether(src=CLIENT, dst="01:00:5e:00:00:fb")
        / IP(src="10.1.1.1", dst="224.0.0.251")
        / UDP(sport=5353, dport=5353)
    )
    yield "broadcast", bytes(
        Ether(src=CLIENT, dst="ff:ff:ff:ff:ff:ff")
        / IP(src="0.0.0.0", dst="255.255.255.255")
        / UDP(sport=68, dport=67)
    )
    yield "full size", on_ether(ip4(UDP(sport=1, dport=2) / Raw(b"f" * 1472)))


def ipv6():
    yield "UDP over IPv6", on_ether(ip6(UDP(sport=1000, dport=2000) / Raw(b"six" * 9)))
    yield "neighbour solicitation", bytes(
        Ether(src=CLIENT, dst="33:33:ff:00:00:02")
        / IPv6(src="fd00::1", dst="ff02::1:ff00:2")
        / ICMPv6ND_NS(tgt="fd00::2")
    )
    yield "hop-by-hop", on_ether(
        IPv6(src="fd00::1", dst="fd00::2")
        / IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0\0\0\0")])
        / UDP(sport=1, dport=2)
    )
    yield "routing header", on_ether(
        IPv6(src="fd00::1", dst="fd00::2") / IPv6ExtHdrRouting(addresses=["fd00::9"]) / TCP(sport=1, dport=2)
    )
    yield "atomic fragment", on_ether(
        IPv6(src="fd00::1", dst="fd00::2") / IPv6ExtHdrFragment(id=7) / UDP(sport=1, dport=2) / Raw(b"a" * 16)
    )
    yield "no next header", on_ether(IPv6(src="fd00::1", dst="fd00::2", nh=59) / Raw(bytes(16)))
    yield "payload length too long", on_ether(
        IPv6(src="fd00::1", dst="fd00::2", plen=4000) / UDP(sport=1, dport=2)
    )
    yield "cut in an extension header", on_ether(IPv6(src="fd00::1", dst="fd00::2", nh=0) / Raw(b"\x3c"))


def fragments():
    """More fragments than reassembly libraries take, out of order, one overlapping, one missing.

    Overlaps with other bytes do not pass: tests/evasion and unit_path have those.
    """
    datagram = bytes(UDP(sport=7000, dport=7001, len=8 + 16 * 64, chksum=0)) + bytes(16 * 64)
    pieces = [(offset, datagram[offset * 8 : offset * 8 + 64]) for offset in range(0, len(datagram) // 8, 8)]
    pieces = pieces[8:] + pieces[:6] + [(9, bytes(64))]
    for number, (offset, piece) in enumerate(pieces):
        yield f"IPv4 fragment {number}", on_ether(ip4(Raw(piece), id=77, flags="MF", frag=offset, proto=17))
    yield "tiny first fragment of TCP", on_ether(
        ip4(Raw(b"\x00\x50\xc3\x50\x00\x00\x00\x01"), id=78, flags="MF", proto=6)
    )
    for number in range(3):
        header = IPv6ExtHdrFragment(id=9, offset=number * 8, m=int(number < 2), nh=17)
        yield f"IPv6 fragment {number}", on_ether(
            IPv6(src="fd00::1", dst="fd00::2") / header / Raw(bytes([number]) * 64)
        )


def tcp():
    # Each has a connection of its own: two versions of the same bytes of one connection would not pass. Data in a SYN
    # from both ends of the wire would not pass either; tests/evasion sends it from one end.
    def segment(number, **fields):
        return TCP(sport=40100 + number, dport=80, **fields)

    yield "no flags", on_ether(ip4(segment(0, flags=0)))
    yield "all flags", on_ether(ip4(segment(1, flags=0xFF)))
    yield "data offset 4", on_ether(ip4(segment(2, flags="PA", dataofs=4) / Raw(b"offset")))
    yield "data offset beyond the packet", on_ether(ip4(segment(3, flags="PA", dataofs=15)))
    yield "urgent", on_ether(ip4(segment(4, flags="PAU", urgptr=3) / Raw(b"urgent")))
    yield "wrong TCP checksum", on_ether(ip4(segment(5, flags="PA", chksum=0x1234) / Raw(b"bad sum")))
    yield "UDP without checksum", on_ether(ip4(UDP(sport=5, dport=6, chksum=0) / Raw(b"none")))
    yield "UDP length beyond the packet", on_ether(ip4(UDP(sport=5, dport=6, len=600) / Raw(b"long")))
    yield "UDP length 0", on_ether(ip4(UDP(sport=5, dport=6, len=0) / Raw(b"zero")))
    yield "cut TCP header", on_ether(ip4(Raw(bytes(10)), proto=6))
    yield "port 0", on_ether(ip4(TCP(sport=0, dport=0, flags="S")))
    yield "mining port", on_ether(ip4(TCP(sport=40000, dport=3333, flags="S")))
    yield "broken DNS", on_ether(
        ip4(UDP(sport=40000, dport=53) / Raw(b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\xc0\x0c"))
    )
    yield "broken TLS", on_ether(
        ip4(TCP(sport=40001, dport=443, flags="PA") / Raw(b"\x16\x03\x01\xff\xff\x01\xff\xff\xff"))
    )


def runts():
    """Frames shorter than Ethernet allows on copper; virtual links and faulty ones carry them."""
    for size in (15, 16, 18, 21, 30, 34, 42, 54, 59):
        yield f"runt of {size} bytes, unknown type", ethernet(0x1234, bytes(size - 14))
        yield f"runt of {size} bytes, IPv4", on_ether(ip4(TCP(sport=1, dport=2)))[:size]
        yield f"runt of {size} bytes, IPv6", on_ether(ip6(TCP(sport=1, dport=2)))[:size]


def everything():
    """All of the above, as a list of (name, frame)."""
    return repeatable() + list(fragments())


def repeatable():
    """Frames that may be sent any number of times; a packet's fragments pass only a few times (docs/adr/0010)."""
    groups = (non_ip, tagged, encapsulated, ipv4, ipv6, tcp, runts)
    return [pair for group in groups for pair in group()]


def jumbo(mtu):
    """Frames up to the MTU, which need several buffers."""
    sizes = [size for size in (1600, 2034, 2048, 2049, 4096, 6000, 8999, mtu) if size <= mtu]
    for size in sizes:
        yield f"IPv4 of {size} bytes", on_ether(
            ip4(UDP(sport=1, dport=2) / Raw(random.Random(size).randbytes(size - 28)))
        )
        yield f"unknown type of {size} bytes", ethernet(0x1234, random.Random(size).randbytes(size))
        yield f"VLAN of {size} bytes", on_ether(
            Dot1Q(vlan=7) / ip4(TCP(sport=1, dport=2, flags="A") / Raw(b"j" * (size - 40)))
        )


def noise(count, seed):
    """Random bytes after real beginnings: the wire carries them, whatever a parser reads in them."""
    chance = random.Random(seed)
    starts = [frame for _, frame in everything() if len(frame) > 40]
    for number in range(count):
        frame = bytearray(chance.choice(starts))
        for _ in range(chance.randint(1, 8)):
            frame[chance.randrange(12, len(frame))] = chance.randrange(256)
        if chance.random() < 0.3:
            del frame[chance.randrange(20, len(frame)) :]  # not shorter: see "VLAN cut after the tag"
        yield f"noise {number}", bytes(frame)

"""All that is not blocked leaves bit-identical and in order.

The harness checks that for every case; here are the frames that no other case has.
"""

import random

from harness import packet
from harness.messages import SUBSCRIBE
from harness.registry import case, cases

ETHER = bytes.fromhex("020000000002020000000001")
FROM, TO = packet.packed("10.10.0.7"), packet.packed("203.0.113.9")
FROM6, TO6 = packet.packed("2001:db8:10::7"), packet.packed("2001:db8:ff::9")


def ip4(body, protocol=packet.UDP, **options):
    return ETHER + b"\x08\x00" + packet.ip(FROM, TO, protocol, body, 1, **options)


def ip6(body, protocol):
    return ETHER + b"\x86\xdd" + packet.ip(FROM6, TO6, protocol, body, 1)


def udp(data=b"data", sport=5000, dport=6000):
    return packet.udp(FROM, TO, sport, dport, data)


def tcp(data=b"data", flags=packet.ACK, **options):
    return packet.tcp(FROM, TO, 5000, 6000, 1, 1, flags, data, **options)


@cases(
    runt_empty_type=ETHER + b"\x08\x00",
    runt_13_bytes=ETHER + b"\x08",
    runt_1_byte=b"\xff",
    llc=ETHER + b"\x00\x26\x42\x42\x03" + bytes(35),
    unknown_type=ETHER + b"\x12\x34" + bytes(50),
    loopback_type=ETHER + b"\x90\x00" + bytes(46),
    lacp=bytes.fromhex("0180c2000002020000000001880901") + bytes(109),
    lldp=bytes.fromhex("0180c200000e02000000000188cc020704020000000001") + bytes(30),
    pause=bytes.fromhex("0180c20000010200000000018808000100ff") + bytes(42),
    eapol=ETHER + b"\x88\x8e\x01\x01\x00\x00" + bytes(42),
    ptp=ETHER + b"\x88\xf7" + bytes(44),
    macsec=ETHER + b"\x88\xe5" + bytes(60),
    vlan_without_body=ETHER + b"\x81\x00\x00\x05",
    vlan_cut=ETHER + b"\x81\x00\x00",
    three_vlans=ETHER + b"\x88\xa8\x00\x01\x81\x00\x00\x02\x81\x00\x00\x03\x08\x00" + ip4(udp())[14:],
    vlan_priority=ETHER + b"\x81\x00\xe0\x00\x08\x00" + ip4(udp())[14:],
    ipv4_cut=ip4(udp())[:20],
    ipv4_version_5=ETHER + b"\x08\x00\x55" + bytes(40),
    ipv4_header_length_16=ETHER + b"\x08\x00\x44" + bytes(40),
    ipv4_header_length_60_of_20=ETHER + b"\x08\x00\x4f" + ip4(udp())[15:34],
    ipv4_total_length_0=ETHER + b"\x08\x00\x45\x00\x00\x00" + ip4(udp())[18:],
    ipv4_total_length_beyond=ETHER + b"\x08\x00\x45\x00\xff\xff" + ip4(udp())[18:],
    ipv4_bad_header_checksum=ip4(udp())[:24] + b"\xde\xad" + ip4(udp())[26:],
    ipv4_options=ip4(udp(), options=bytes([1] * 40)),
    ipv4_ttl_0=ip4(udp(), ttl=0),
    ipv4_trailer=ip4(udp()) + b"trailing bytes behind the packet",
    igmp=ip4(b"\x16\x00\x09\x04\xef\x01\x02\x03", protocol=2),
    esp=ip4(bytes(40), protocol=50),
    sctp=ip4(bytes.fromhex("1388177000000000") + bytes(20), protocol=132),
    gre=ip4(b"\x00\x00\x08\x00" + ip4(udp())[14:], protocol=47),
    ipip=ip4(ip4(udp())[14:], protocol=4),
    protocol_255=ip4(bytes(20), protocol=255),
    land=ETHER + b"\x08\x00" + packet.ip(FROM, FROM, packet.TCP, tcp(flags=packet.SYN), 1),
    udp_length_0=ip4(udp()[:4] + b"\0\0" + udp()[6:]),
    udp_length_beyond=ip4(udp()[:4] + b"\x10\0" + udp()[6:]),
    udp_cut=ip4(udp()[:5]),
    udp_bad_checksum=ip4(udp()[:6] + b"\xde\xad" + udp()[8:]),
    udp_port_0=ip4(udp(sport=0, dport=0)),
    tcp_cut=ip4(tcp()[:12], protocol=6),
    tcp_offset_0=ip4(tcp()[:12] + b"\x00" + tcp()[13:], protocol=6),
    tcp_offset_60=ip4(tcp()[:12] + b"\xf0" + tcp()[13:], protocol=6),
    tcp_no_flags=ip4(tcp(flags=0), protocol=6),
    tcp_all_flags=ip4(tcp(flags=255), protocol=6),
    tcp_bad_checksum=ip4(tcp(bad_checksum=True), protocol=6),
    tcp_odd_options=ip4(tcp(options=b"\x02\x00\x01\x01"), protocol=6),
    ipv6_cut=ip6(b"", 59)[:30],
    ipv6_no_next_header=ip6(b"", 59),
    ipv6_hop_by_hop=ip6(b"\x3b\x00\x01\x04\x00\x00\x00\x00", 0),
    ipv6_endless_extensions=ip6(b"\x3c\x00\x01\x04\x00\x00\x00\x00" * 30, 60),
    ipv6_extension_cut=ip6(b"\x3c\xff\x01\x04", 60),
    ipv6_atomic_fragment=ip6(b"\x11\x00\x00\x00\x00\x00\x00\x01" + packet.udp(FROM6, TO6, 5000, 6000, b"data"), 44),
    ipv6_payload_length_beyond=ETHER + b"\x86\xdd\x60\x00\x00\x00\xff\xff\x11\x40" + FROM6 + TO6 + bytes(20),
    ipv6_jumbogram=ETHER
    + b"\x86\xdd\x60\x00\x00\x00\x00\x00\x00\x40"
    + FROM6
    + TO6
    + b"\x11\x00\xc2\x04\x00\x01\x00\x00",
)
def odd_frame(t, frame):
    """Alone, and between frames of a flow."""
    c = t.tcp()
    t.raw(frame)
    c.client(b"hello\n")
    t.raw(frame, frame)
    c.server(b"hello\n")
    t.replay().passed(c)


@case
def protocols_of_the_link(t):
    from scapy.all import ARP, LLC, SNAP, STP, Dot1Q, Ether, PPPoED, Raw  # pylint: disable=import-outside-toplevel

    link = Ether(src="02:00:00:00:00:01", dst="ff:ff:ff:ff:ff:ff")
    t.raw(
        link / ARP(pdst="10.10.0.1"),
        link / ARP(op=2, psrc="10.10.0.1"),
        link / Dot1Q(vlan=7) / ARP(pdst="10.10.0.1"),
        Ether(dst="01:80:c2:00:00:00", src="02:00:00:00:00:01", type=39) / LLC() / STP(),
        Ether(dst="01:00:0c:cc:cc:cc", src="02:00:00:00:00:01", type=50) / LLC() / SNAP() / Raw(bytes(30)),
        link / PPPoED(code=9) / Raw(bytes(20)),
    )
    t.replay().flow_count(0)


@case
def neighbours_of_ipv6(t):
    from scapy.all import (  # pylint: disable=import-outside-toplevel
        Ether,
        ICMPv6EchoRequest,
        ICMPv6MLReport2,
        ICMPv6ND_NS,
        ICMPv6ND_RA,
        IPv6,
        IPv6ExtHdrHopByHop,
        RouterAlert,
    )

    link = Ether(src="02:00:00:00:00:01", dst="33:33:00:00:00:01")
    t.raw(
        link / IPv6(src="fe80::1", dst="ff02::1:ff00:9", hlim=255) / ICMPv6ND_NS(tgt="fe80::9"),
        link / IPv6(src="fe80::1", dst="ff02::1", hlim=255) / ICMPv6ND_RA(),
        link
        / IPv6(src="fe80::1", dst="ff02::16", hlim=1)
        / IPv6ExtHdrHopByHop(options=[RouterAlert()])
        / ICMPv6MLReport2(),
        link / IPv6(src="2001:db8::1", dst="2001:db8::2") / ICMPv6EchoRequest(data=b"ping"),
    )
    t.replay()


@case
def labels_without_a_sound_packet(t):
    """MPLS does not say what it carries: two labels, and then bytes that are not IP."""
    t.raw(
        *(
            ETHER + b"\x88\x47" + b"\x00\x01\x00\x40" + b"\x00\x01\x11\x40" + body
            for body in (b"", b"\x45", b"\x00" * 40, b"\x60" * 50)
        )
    )
    t.replay()


@case
def pppoe_with_a_wrong_length(t):
    for length in (0, 1, 100, 65535):
        t.raw(ETHER + b"\x88\x64\x11\x00\x00\x07" + length.to_bytes(2, "big") + b"\x00\x21" + ip4(udp())[14:])
    t.replay()


@case
def fragments(t):
    """First, middle and last; tiny; overlapping; eleven of one packet."""
    body = udp(bytes(200), dport=53)
    t.raw(
        *(
            ip4(body[at : at + 16], fragment=(0x2000 if at + 16 < len(body) else 0) | at // 8)
            for at in range(0, len(body), 16)
        )
    )
    t.raw(ip4(body[:8], fragment=0x2000), ip4(body[8:], fragment=1))
    t.raw(ip4(body[:64], fragment=0x2000), ip4(body[32:], fragment=4))
    t.raw(ip4(b"", fragment=0x2000), ip4(bytes(8), fragment=0x1FFF))
    t.replay()


@case
def fragments_of_ipv6(t):
    body = packet.udp(FROM6, TO6, 5000, 6000, bytes(100))
    for at in range(0, len(body), 24):
        more = at + 24 < len(body)
        t.raw(ip6(b"\x11\x00" + (at | more).to_bytes(2, "big") + b"\0\0\0\x07" + body[at : at + 24], 44))
    t.replay()


@case
def jumbo_frames(t):
    """9,000 bytes span five buffers; a kernel's GSO frame spans thirty-three."""
    u = t.udp()
    for size in (1472, 2000, 2006, 2007, 4096, 8972, 30000, 65507):
        u.client(bytes(i & 255 for i in range(size)))
    t.replay().passed(u)


@case
def headers_over_the_border_of_buffers(t):
    """A long chain of extension headers before a large payload."""
    chain = b"\x3c\xff\x01\x04" + bytes(2044)
    last = b"\x11\x00\x01\x04\x00\x00\x00\x00"
    t.raw(ip6(chain + last + packet.udp(FROM6, TO6, 5000, 53, bytes(3000)), 60))
    t.replay()


@case
def every_size_up_to_a_full_frame(t):
    u = t.udp()
    for size in range(0, 1473, 16):
        u.client(bytes(size))
    t.replay().passed(u)


@case
def bad_checksums_are_no_evidence(t):
    """The pool discards such a segment, so it is no request; the good copy after it is one."""
    c = t.tcp()
    c.segment("client", SUBSCRIBE, flags="PA", bad_checksum=True)
    (cut,) = c.client(SUBSCRIBE)
    t.replay().blocked(c, at=cut)


@case
def noise(t):
    """Two hundred frames of random bytes with a plausible head."""
    chance = random.Random(20)
    heads = [
        b"",
        b"\x08\x00\x45",
        b"\x86\xdd\x60",
        b"\x81\x00\x00\x01\x08\x00\x45",
        b"\x88\x47\x00\x01\x01\x40",
        b"\x88\x64\x11\x00",
    ]
    t.raw(*(ETHER + chance.choice(heads) + chance.randbytes(chance.randrange(200)) for _ in range(200)))
    t.replay()


@case
def padding_to_sixty_bytes(t):
    """A reset must not copy it, and the padding is no payload."""
    c = t.tcp(handshake=False)
    for who, flags in (("client", "S"), ("server", "SA"), ("client", "A")):
        c.segment(who, flags=flags, pad=60)
    c.segment("server", flags="A", pad=60)
    (cut,) = c.client(SUBSCRIBE)
    t.replay().blocked(c, at=cut)

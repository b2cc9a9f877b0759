"""Mining inside tunnels: recognised, cut through the same tunnel, and nothing else changed. See ADR 11."""

import struct

from harness import packet
from harness.dns import query
from harness.messages import SUBSCRIBE
from harness.registry import case, cases
from harness.tunnel import GRE, INNER_MAC, IPIP, Gre, Ipip, Vxlan

ETHER = bytes.fromhex("020000000002020000000001")
FROM, TO = packet.packed("198.51.100.1"), packet.packed("198.51.100.2")

TUNNELS = {
    "ipip": Ipip,
    "ipip_over_v6": lambda: Ipip(v6=True),
    "gre": Gre,
    "gre_key": lambda: Gre(key=77),
    "gre_all_words": lambda: Gre(key=1, checksum=True, sequence=True),
    "gre_over_v6": lambda: Gre(key=77, v6=True),
    "gretap": lambda: Gre(ethernet=True),
    "nvgre": lambda: Gre(key=0x00100000, ethernet=True),
    "gretap_vlan": lambda: Gre(key=7, checksum=True, ethernet=True, vlan=(5,)),
    "vxlan": lambda: Vxlan(4096),
    "vxlan_checksum": lambda: Vxlan(4096, checksum=True),
    "vxlan_over_v6": lambda: Vxlan(4096, v6=True, checksum=True),
    "vxlan_vlan": lambda: Vxlan(4096, vlan=(5, 6)),
    "ipip_in_vxlan": lambda: Vxlan(1, inside=Ipip(ends=("192.0.2.1", "192.0.2.2"))),
    "vxlan_in_gre_in_ipip": lambda: Ipip(
        inside=Gre(key=3, v6=True, inside=Vxlan(2, ends=("192.0.2.1", "192.0.2.2"))),
    ),
}
ENDS = {"v4": False, "v6": True}


@cases(**{f"{name}_{family}": (make, v6) for name, make in TUNNELS.items() for family, v6 in ENDS.items()})
def mining_is_cut(t, variant):
    make, v6 = variant
    c = t.tcp(tunnel=make(), v6=v6)
    (cut,) = c.client(SUBSCRIBE)
    c.client(b"more\n", acked=False)
    t.replay().blocked(c, at=cut, mining={"dialect": "stratum-v1"})


@cases(**TUNNELS)
def the_pool_may_speak_first(t, make):
    c = t.tcp(tunnel=make())
    c.client(b"\n")
    job = (
        b'{"id":null,"method":"mining.notify","params":["1","%s","01","02",[],"20000000","1a0fffff","650a1b2c",true]}\n'
    )
    (cut,) = c.server(job % (b"0" * 64))
    t.replay().blocked(c, at=cut, mining={"dialect": "stratum-v1"})


@cases(**TUNNELS)
def conversations_pass(t, make):
    c = t.tcp(tunnel=make())
    c.client(b"GET / HTTP/1.1\r\nHost: news.example\r\n\r\n")
    c.server(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(3000))
    c.close()
    t.replay().passed(c)


@cases(**TUNNELS)
def names_are_sinkholed(t, make):
    u = t.udp(dport=53, tunnel=make())
    u.client(query("news.example", identity=1))
    asked = u.client(query("eth-eu1.nanopool.org", identity=2))
    t.replay().sinkholed(u, asked)


@cases(**{f"cut_{cut}": cut for cut in range(1, len(SUBSCRIBE), 7)})
def segments_inside(t, cut):
    c = t.tcp(tunnel=Vxlan(5))
    c.client(SUBSCRIBE, cuts=[cut])
    t.replay().blocked(c, mining={"dialect": "stratum-v1"})


@cases(gre=Gre, vxlan=lambda: Vxlan(9))
def links_outside(t, make):
    """A trunk, and a DSL line."""
    trunk = t.tcp(tunnel=make(), vlan=(7,))
    (first,) = trunk.client(SUBSCRIBE)
    both = t.tcp(tunnel=make(), vlan=(7, 8))
    both.client(b"hello\n")
    r = t.replay()
    r.blocked(trunk, at=first, mining={"dialect": "stratum-v1"})
    # The events show the outermost tag: the second one is part of the tunnel's identity.
    both.vlan = (7,)
    r.passed(both)


@case
def tenants_with_the_same_addresses(t):
    """One mines. The other connection has the same addresses and ports, and must not be affected."""
    miner = t.tcp(tunnel=Vxlan(1), sport=50123)
    (cut,) = miner.client(SUBSCRIBE)
    t.wait(1)
    reader = t.tcp(tunnel=Vxlan(2), sport=50123)
    reader.client(b"GET / HTTP/1.1\r\nHost: news.example\r\n\r\n")
    reader.server(b"HTTP/1.1 200 OK\r\n\r\n")
    r = t.replay()
    r.blocked(miner, at=cut, mining={"dialect": "stratum-v1"})
    r.passed(reader)


@case
def bad_outer_checksums_are_no_evidence(t):
    """The tunnel's far end discards the first copy; the second one counts."""
    c = t.tcp(tunnel=Gre(checksum=True))
    decoy = c.segment("client", b"x" * len(SUBSCRIBE), flags="PA", seq=c.next["client"], discarded=True)
    broken = bytearray(decoy.data)
    broken[14 + 20 + 4] ^= 0x5A  # the GRE checksum
    decoy.data = bytes(broken)
    (cut,) = c.client(SUBSCRIBE)
    t.replay().blocked(c, at=cut, mining={"dialect": "stratum-v1"})


@cases(gre=Gre, ipip=Ipip, vxlan=lambda: Vxlan(3))
def a_blocked_address_may_not_be_a_tunnels_end(t, make):
    t.rules(
        '{ name = "bad"; when = { server_ip = "@bad"; }; action = "drop"; }',
        'bad = { type = "ip"; values = [ "198.51.100.2" ]; };',
    )
    c = t.tcp(tunnel=make())
    t.replay().blocked(c, at=c.frames[0], action="drop", rule="bad", mining={"list_entry": "198.51.100.2"})


def ip4(body, protocol):
    return ETHER + b"\x08\x00" + packet.ip(FROM, TO, protocol, body, 1)


def vxlan(frame, flags=8, dport=4789):
    return ip4(packet.udp(FROM, TO, 50000, dport, bytes([flags]) + bytes(6) + b"\0" + frame), packet.UDP)


INSIDE = packet.ip(
    packet.packed("10.10.0.7"),
    packet.packed("203.0.113.9"),
    packet.TCP,
    packet.tcp(
        packet.packed("10.10.0.7"), packet.packed("203.0.113.9"), 50000, 41003, 1, 1, packet.ACK | packet.PSH, SUBSCRIBE
    ),
    7,
)
INSIDE_FRAME = INNER_MAC["server"] + INNER_MAC["client"] + b"\x08\x00" + INSIDE
LLC = INSIDE_FRAME[:12] + b"\x00\x26\x42\x42\x03" + bytes(35)
ARP = INSIDE_FRAME[:12] + b"\x08\x06" + bytes(46)


@cases(
    gre_pptp=ip4(b"\x30\x01\x88\x0b" + struct.pack(">HHI", len(INSIDE), 1, 1) + INSIDE, GRE),
    gre_erspan=ip4(b"\x10\x00\x88\xbe" + bytes(4) + bytes(8) + INSIDE_FRAME, GRE),
    gre_keepalive=ip4(b"\x00\x00\x00\x00", GRE),
    gre_routing=ip4(b"\x40\x00\x08\x00" + bytes(4) + INSIDE, GRE),
    gre_cut=ip4(b"\x20\x00\x08", GRE),
    gre_of_a_wrong_version=ip4(b"\x00\x05\x08\x00" + INSIDE, GRE),
    ipip_cut=ip4(INSIDE[:30], IPIP),
    ipip_of_nothing=ip4(b"", IPIP),
    six_that_is_four=ip4(INSIDE, 41),
    vxlan_arp=vxlan(ARP),
    vxlan_stp=vxlan(LLC),
    vxlan_without_vni=vxlan(INSIDE_FRAME, flags=0),
    vxlan_cut=vxlan(INSIDE_FRAME[:20]),
    vxlan_empty=vxlan(b""),
    vxlan_gpe_port=vxlan(INSIDE_FRAME, dport=4790),
    geneve=ip4(packet.udp(FROM, TO, 50000, 6081, b"\x00\x00\x65\x58" + bytes(4) + INSIDE_FRAME), packet.UDP),
    gtp=ip4(packet.udp(FROM, TO, 2152, 2152, b"\x30\xff" + struct.pack(">HI", len(INSIDE), 1) + INSIDE), packet.UDP),
    esp=ip4(bytes(8) + INSIDE, 50),
    a_resolver_to_port_4789=ip4(packet.udp(FROM, TO, 53, 4789, query("news.example")), packet.UDP),
)
def what_is_no_tunnel_of_ours_passes(t, frame):
    c = t.tcp()
    t.raw(frame)
    c.client(b"hello\n")
    t.raw(frame, frame)
    c.server(b"hello\n")
    t.replay().passed(c)

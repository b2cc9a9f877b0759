#!/usr/bin/python3
"""Writes the seeds of fuzz_frame to corpus/frame: a frame of each kind, behind two bytes
that set the head to the whole frame (see frame.cpp). Needs scapy; the seeds are in the tree."""
import os

from scapy.all import (AH, Dot1AD, Dot1Q, Ether, GRE, ICMP, IP, IPOption_NOP, IPv6,
                       IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop,
                       IPv6ExtHdrRouting, PPP, PPPoE, TCP, UDP, ARP, Raw)
from scapy.layers.inet6 import PadN
from scapy.layers.vxlan import VXLAN
from scapy.contrib.mpls import MPLS

LINK = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
V4 = IP(src="10.0.0.1", dst="10.0.0.2")
V4_FIRST = IP(src="10.0.0.3", dst="10.0.0.4", flags="MF")
INNER = Ether(src="06:00:00:00:00:01", dst="06:00:00:00:00:02")
V6 = IPv6(src="2001:db8::1", dst="2001:db8::2")
SYN = TCP(sport=40000, dport=3333, flags="S", options=[("MSS", 1460), ("SAckOK", b"")])
DATA = TCP(sport=40000, dport=3333, flags="PA", seq=1, ack=2) / Raw(b'{"id":1}\n')
DNS = UDP(sport=50000, dport=53) / Raw(b"query")

SEEDS = {
    "ipv4-tcp": LINK / V4 / SYN,
    "ipv4-udp": LINK / V4 / DNS,
    "ipv4-icmp": LINK / V4 / ICMP(),
    "ipv4-options": LINK / IP(src="10.0.0.1", dst="10.0.0.2", options=[IPOption_NOP()] * 8) / DATA,
    "ipv4-first-fragment": LINK / IP(src="10.0.0.1", dst="10.0.0.2", flags="MF") / DATA,
    "ipv4-later-fragment": LINK / IP(src="10.0.0.1", dst="10.0.0.2", frag=8, proto=6) / Raw(b"x"),
    "ipv6-tcp": LINK / V6 / DATA,
    "ipv6-udp": LINK / V6 / DNS,
    "ipv6-extensions": LINK / V6 / IPv6ExtHdrHopByHop() / IPv6ExtHdrRouting(addresses=["::1"])
    / IPv6ExtHdrDestOpt() / AH(icv=b"123456789012") / DATA,
    "ipv6-fragment": LINK / V6 / IPv6ExtHdrFragment(m=1) / DNS,
    "ipv6-atomic-fragment": LINK / V6 / IPv6ExtHdrFragment() / DNS,
    "vlan": LINK / Dot1Q(vlan=5) / V4 / DATA,
    "qinq": LINK / Dot1AD(vlan=100) / Dot1Q(vlan=200) / V6 / DATA,
    "mpls-ipv4": LINK / MPLS(label=16, s=0) / MPLS(label=17, s=1) / V4 / DATA,
    "mpls-ipv6": LINK / MPLS(label=2, s=1) / V6 / DNS,
    "pppoe-ipv4": LINK / PPPoE(sessionid=7) / PPP(proto=0x0021) / V4 / DATA,
    "pppoe-ipv6": LINK / Dot1Q(vlan=35) / PPPoE(sessionid=7) / PPP(proto=0x0057) / V6 / DNS,
    "gre": LINK / V4 / GRE() / V4 / DATA,
    "gre-all": LINK / V4 / GRE(chksum_present=1, key_present=1, seqnum_present=1, key=7, seqence_number=5) / V6 / DNS,
    "gretap": LINK / V6 / GRE(key_present=1, key=7) / INNER / V4 / DATA,
    "wccp": LINK / V4 / GRE(proto=0x883E) / Raw(bytes(4)) / V4 / DATA,
    "ipip": LINK / V4 / V4 / DATA,
    "6in4": LINK / Dot1Q(vlan=5) / V4 / V6 / DNS,
    "4in6": LINK / V6 / IPv6ExtHdrDestOpt(options=[PadN(optdata=b"1234")]) / V4 / DATA,
    "6in6": LINK / V6 / V6 / DNS,
    "vxlan": LINK / V4 / UDP(sport=50000, dport=4789, chksum=0) / VXLAN(flags=8, vni=77) / INNER / V4 / DATA,
    "vxlan-ipv6": LINK / V6 / UDP(sport=50000, dport=4789) / VXLAN(flags=8, vni=77) / INNER / Dot1Q(vlan=9) / V6 / DNS,
    "nested": LINK / V6 / UDP(sport=1, dport=4789) / VXLAN(flags=8, vni=1) / INNER / V4 / GRE() / V6 / V4 / DATA,
    "inner-fragment": LINK / V4 / V4_FIRST / DATA,
    "outer-fragment": LINK / V4_FIRST / GRE() / V4 / DATA,
    "arp": LINK / ARP(),
    "llc": Ether(bytes(LINK)[:12] + b"\x00\x26" + b"\x42\x42\x03" + bytes(35)),
}

if __name__ == "__main__":
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "frame")
    for name, frame in SEEDS.items():
        with open(os.path.join(folder, name), "wb") as seed:
            seed.write(b"\xff\xff" + bytes(frame))

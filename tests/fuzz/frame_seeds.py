#!/usr/bin/python3
"""Writes the seeds of fuzz_frame to corpus/frame: one of each kind of frame, behind two bytes
that make the head all of it (see frame.cpp). Needs scapy; the seeds are in the tree."""
import os

from scapy.all import (AH, Dot1AD, Dot1Q, Ether, GRE, ICMP, IP, IPOption_NOP, IPv6,
                       IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop,
                       IPv6ExtHdrRouting, PPP, PPPoE, TCP, UDP, ARP, Raw)
from scapy.contrib.mpls import MPLS

LINK = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
V4 = IP(src="10.0.0.1", dst="10.0.0.2")
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
    "arp": LINK / ARP(),
    "llc": Ether(bytes(LINK)[:12] + b"\x00\x26" + b"\x42\x42\x03" + bytes(35)),
}

if __name__ == "__main__":
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "frame")
    for name, frame in SEEDS.items():
        with open(os.path.join(folder, name), "wb") as seed:
            seed.write(b"\xff\xff" + bytes(frame))

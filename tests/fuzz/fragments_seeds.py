#!/usr/bin/python3
"""Writes the seeds of fuzz_fragments to corpus/fragments (see fragments.cpp). Needs scapy; the
seeds are in the tree."""
import os

from scapy.all import Ether, GRE, IP, IPOption_NOP, IPv6, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, Raw

LINK = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
V6 = {"src": "2001:db8::1", "dst": "2001:db8::2"}
FRAMES = {
    "ipv4-first": LINK / IP(flags="MF", proto=17) / Raw(b"a" * 24),
    "ipv4-last-options": LINK / IP(frag=3, proto=17, options=[IPOption_NOP()] * 4) / Raw(b"b" * 5),
    "ipv6-first": LINK / IPv6(**V6) / IPv6ExtHdrFragment(m=1, id=7, nh=17) / Raw(b"a" * 24),
    "ipv6-hop-by-hop-last": LINK / IPv6(**V6) / IPv6ExtHdrHopByHop()
                            / IPv6ExtHdrFragment(offset=3, id=7, nh=17) / Raw(b"b" * 5),
    "gre-ipv4-first": LINK / IP() / GRE() / IP(flags="MF", proto=17) / Raw(b"a" * 24),
}


def step(offset, length, more, datagram=0, wrong=0, at=0, lost=0, wait=0):
    return bytes([datagram | (8 if more else 0) | lost << 4, offset, length, wrong, at,
                  0xf0 | wait if wait else 0])


STEPS = {
    "in-order": [step(0, 16, True), step(2, 16, True), step(4, 5, False)],
    "reversed": [step(4, 5, False), step(2, 16, True), step(0, 16, True)],
    "overlap-same": [step(0, 24, True), step(2, 16, True), step(4, 8, False)],
    "overlap-other": [step(0, 24, True), step(2, 16, True, wrong=1), step(4, 8, False)],
    "two-ends": [step(0, 16, True), step(4, 8, False), step(2, 8, False)],
    "beyond-the-end": [step(2, 8, False), step(3, 8, True), step(0, 16, True)],
    "lost-and-again": [step(0, 16, True), step(2, 8, True, lost=7), step(3, 8, False),
                       step(2, 8, True)],
    "lost-and-other": [step(0, 16, True), step(2, 8, True, lost=7), step(3, 8, False),
                       step(2, 8, True, wrong=9)],
    "empty-end": [step(2, 0, False), step(0, 16, True)],
    "late": [step(0, 16, True), step(2, 16, True, wait=7), step(4, 8, False, wait=8)],
}

if __name__ == "__main__":
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "fragments")
    os.makedirs(folder, exist_ok=True)
    for name, frame in FRAMES.items():
        with open(os.path.join(folder, name), "wb") as out:
            out.write(b"\x01" + bytes(frame))
    for name, steps in STEPS.items():
        with open(os.path.join(folder, name), "wb") as out:
            out.write(b"\x00" + b"".join(steps))

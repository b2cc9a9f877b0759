#!/usr/bin/python3
"""Writes the seeds of fuzz_tcp to corpus/tcp/; the seeds are in the tree."""
import os
import struct

CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "tcp")
AMPLE, DROP, FIRST_WINS = 1, 2, 4
ACKNOWLEDGE, HEAR, SEND = 0, 1, 2
ARRIVES = 4


def send(offset, length, version=0, arrives=True):
    assert length <= 256
    what = SEND | (ARRIVES if arrives else 0) | version << 6
    return bytes([what, offset >> 6, offset & 0x3F, length - 1])


def acked():
    return bytes([ACKNOWLEDGE, 0, 0, 0, HEAR, 0, 0, 0])


def stream(options, isn, *steps):
    return bytes([options]) + struct.pack(">I", isn) + b"".join(steps)


SEEDS = {
    "in-order": stream(AMPLE, 1, *[send(n * 100, 100) + acked() for n in range(20)]),
    "backwards": stream(AMPLE, 0xFFFFFFF0, *[send(n, 1) for n in range(60, -1, -1)]),
    "hole": stream(AMPLE, 5, send(100, 200), send(400, 50), send(0, 100), send(300, 100)),
    "decoy-first": stream(AMPLE, 9, send(0, 100, 1, False), send(0, 100), acked(), send(0, 100)),
    "conflict": stream(AMPLE, 9, send(0, 100), send(50, 100, 1), acked(), send(50, 100, 1)),
    "behind-a-hole": stream(AMPLE | FIRST_WINS, 9, send(50, 50), send(50, 50, 1), send(0, 60, 1), send(0, 50)),
    "no-room": stream(0, 9, *[send(n * 700, 200) for n in range(20)], *[send(n * 250, 250) for n in range(40)]),
    "no-room-drop": stream(DROP, 9, *[send(n * 200, 200) + acked() for n in range(40)]),
}

os.makedirs(CORPUS, exist_ok=True)
for name, seed in SEEDS.items():
    with open(os.path.join(CORPUS, name), "wb") as out:
        out.write(seed)

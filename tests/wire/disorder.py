#!/usr/bin/python3
"""A cable that loses, doubles, holds back and fragments packets, from a fixed seed: netem in user space.

It is between two interfaces of the namespace that this program runs in. Each direction has a seed of its own, and a
frame's number decides what happens to it: the same frames are treated in the same way. Frames that are neither TCP nor
UDP pass unchanged. On TERM the program prints what happened as JSON.

    disorder.py LEFT RIGHT --drop 0.015 --duplicate 0.02 --reorder 0.05 --mtu 576 --seed 7
"""

import argparse
import json
import random
import select
import signal
import struct
import sys
import time

import frames
from tagger import Here

ETHERNET = 14  # bytes of the link header
IPV4, IPV6 = b"\x08\x00", b"\x86\xdd"
TCP, UDP, FRAGMENT = 6, 17, 44  # protocols that are disturbed
MORE, DONT = 0x2000, 0x4000  # flags beside the fragment offset
PACKET_STATISTICS = 6
MOST_HELD = 6  # frames that may overtake a frame that is held back
PATIENCE = 0.004  # seconds after which a held frame leaves although no frame overtook it
COUNTS = ("seen", "fragmented", "dropped", "duplicated", "held", "sent")


def checksum(header):
    """RFC 1071."""
    total = sum(struct.unpack(f"!{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def is_disturbed(frame):
    """TCP, UDP and their fragments. A lost neighbour solicitation would cost a second and prove nothing."""
    place = {IPV4: 9, IPV6: 6}.get(frame[12:14])
    return place is not None and frame[ETHERNET + place] in (TCP, UDP, FRAGMENT)


def fragments_of(frame, mtu):
    """The frame, or the IPv4 fragments that a router with this MTU makes of it; a fragment is cut again."""
    length, _, place = struct.unpack_from("!HHH", frame, ETHERNET + 2)
    if frame[12:14] != IPV4 or length <= mtu or place & DONT or frame[ETHERNET] != 0x45:
        return [frame]
    header, data = frame[ETHERNET : ETHERNET + 20], frame[ETHERNET + 20 : ETHERNET + length]
    step = (mtu - 20) // 8 * 8
    pieces = []
    for begin in range(0, len(data), step):
        part = data[begin : begin + step]
        more = MORE if begin + step < len(data) else place & MORE
        where = (place & 0x1FFF) + begin // 8 | more
        new = (
            header[:2]
            + struct.pack("!H", 20 + len(part))
            + header[4:6]
            + struct.pack("!H", where)
            + header[8:10]
        )
        new += struct.pack("!H", checksum(new + header[12:])) + header[12:]
        pieces.append(frame[:ETHERNET] + new + part)
    return pieces


class Direction:
    """What one direction does to its frames, and the frames that wait to be overtaken."""

    def __init__(self, source, target, options, seed):
        self.source, self.target, self.options = source, target, options
        self.random = random.Random(seed)
        self.held = []  # [frames that may still overtake it, frame]
        self.last = 0.0
        self.counts = dict.fromkeys(COUNTS, 0)

    def send(self, frame):
        self.target.send(frame)
        self.counts["sent"] += 1

    def take(self, budget=64):
        """Handles a bounded number of frames, so that the other direction gets its turn."""
        while budget and (frame := self.source.receive(0)) is not None:
            budget -= 1
            if not is_disturbed(frame):
                self.target.send(frame)
                continue
            self.last = time.monotonic()
            pieces = fragments_of(frame, self.options.mtu)
            if len(pieces) > 1:
                self.counts["fragmented"] += 1
                self.random.shuffle(pieces)
            for piece in pieces:
                self.decide(piece)

    def decide(self, frame):
        self.counts["seen"] += 1
        fate, doubled, delay = self.random.random(), self.random.random(), self.random.randint(1, MOST_HELD)
        if fate < self.options.drop:
            self.counts["dropped"] += 1
        elif fate < self.options.drop + self.options.reorder:
            self.counts["held"] += 1
            self.held.append([delay, frame])
            return  # it does not overtake
        else:
            self.send(frame)
        if doubled < self.options.duplicate and fate >= self.options.drop:
            self.counts["duplicated"] += 1
            self.held.append([delay, frame])
        self.overtake()

    def overtake(self):
        for entry in self.held:
            entry[0] -= 1
        ready = [frame for left, frame in self.held if left <= 0]
        self.held = [entry for entry in self.held if entry[0] > 0]
        for frame in ready:
            self.send(frame)

    def flush_if_silent(self):
        if self.held and time.monotonic() - self.last > PATIENCE:
            for _, frame in self.held:
                self.send(frame)
            self.held = []

    def report(self):
        statistics = self.source.socket.getsockopt(frames.SOL_PACKET, PACKET_STATISTICS, 8)
        return self.counts | {"missed": struct.unpack("=II", statistics)[1]}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("left")
    parser.add_argument("right")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--drop", type=float, default=0, help="share of frames that is lost")
    parser.add_argument(
        "--duplicate", type=float, default=0, help="share that comes a second time, a little later"
    )
    parser.add_argument("--reorder", type=float, default=0, help="share that others overtake")
    parser.add_argument("--mtu", type=int, default=65535, help="IPv4 packets that are longer are fragmented")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with frames.Port(Here, options.left) as left, frames.Port(Here, options.right) as right:
        directions = {
            "left": Direction(left, right, options, f"{options.seed} from left"),
            "right": Direction(right, left, options, f"{options.seed} from right"),
        }
        print("disorder: ready", flush=True)
        try:
            while True:
                waiting = any(direction.held for direction in directions.values())
                select.select([left.socket, right.socket], [], [], PATIENCE if waiting else None)
                for direction in directions.values():
                    direction.take()
                    direction.flush_if_silent()
        finally:
            print(
                json.dumps({name: direction.report() for name, direction in directions.items()}), flush=True
            )


if __name__ == "__main__":
    main()

#!/usr/bin/python3
"""Sends frames from one interface with tags on another one, and takes the tags off those that come back.

A VLAN device in user space: it needs no kernel module, and it can do what Linux has no device for. The two interfaces
are in the namespace that this program runs in.

    tagger.py PLAIN TRUNK TAGS      TAGS are the bytes behind the MAC addresses, in hexadecimal: 8100000a is VLAN 10
"""

import contextlib
import select
import sys

import frames

ADDRESSES = 12  # bytes of the two MAC addresses


class Here:
    """The namespace that this process is in."""

    @staticmethod
    def entered():
        return contextlib.nullcontext()


def main():
    plain_name, trunk_name, text = sys.argv[1:]
    tags = bytes.fromhex(text)
    after = ADDRESSES + len(tags)
    with frames.Port(Here, plain_name) as plain, frames.Port(Here, trunk_name) as trunk:
        print("tagger: ready", flush=True)
        while True:
            readable, _, _ = select.select([plain.socket, trunk.socket], [], [])
            if plain.socket in readable:
                frame = plain.receive(0)
                if frame:
                    trunk.send(frame[:ADDRESSES] + tags + frame[ADDRESSES:])
            if trunk.socket in readable:
                frame = trunk.receive(0)
                if frame and frame[ADDRESSES:after] == tags and frame[after : after + 2] not in TAG_TYPES:
                    plain.send(frame[:ADDRESSES] + frame[after:])


TAG_TYPES = (b"\x81\x00", b"\x88\xa8")  # frames with these inner tags are for another stack

if __name__ == "__main__":
    main()

#!/usr/bin/python3
"""Writes the seeds of fuzz_websocket, fuzz_socks, fuzz_proxy_header and fuzz_stratum2 to corpus/."""
import os
import random
import struct

CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")
LOGIN = b'{"id":1,"method":"login","params":{"login":"w","pass":"x"}}'

# WebSocket

MASK = b"\x9a\x01\xf7\x5c"


def frame(first, payload, mask=MASK, width=None):
    size = len(payload)
    bit = 0x80 if mask else 0
    if width is None:
        width = 1 if size < 126 else 2 if size < 65536 else 8
    head = bytes([first, bit | (size if width == 1 else 126 if width == 2 else 127)])
    head += b"" if width == 1 else size.to_bytes(width, "big")
    body = bytes(c ^ mask[i % 4] for i, c in enumerate(payload)) if mask else payload
    return head + (mask or b"") + body


WEBSOCKET = {
    "text-masked": frame(0x81, b'{"type":"auth","params":{"site_key":"x"}}'),
    "text-plain": frame(0x81, b'{"type":"authed","params":{"token":""}}', None),
    "fragments-and-ping": frame(0x01, b'{"id"') + frame(0x89, b"hi") + frame(0x00, b":1")
    + frame(0x80, b"}"),
    "length-16": frame(0x82, LOGIN * 3),
    "length-64": frame(0x82, LOGIN, MASK, 8) + frame(0x81, LOGIN, None, 2),
    "deflate": frame(0xC1, b"\xaa\x56\xca\x4c\x01\x00"),
    "close-and-on": frame(0x88, b"\x03\xe8") + frame(0x81, b"x"),
    "out-of-order": frame(0x01, b"a") + frame(0x81, b"b") + frame(0x80, b"c"),
    "reserved": frame(0x83, b"x"),
    "longer-than-the-piece": frame(0x82, bytes(range(256)) * 3),
}

# SOCKS: the first byte is the role

NAME = b"\x03\x10xmr.pool.example\x0d\x05"
SOCKS = {
    "5-name": b"\0\5\1\0" + b"\5\1\0" + NAME + LOGIN,
    "5-user": b"\0\5\2\0\2" + b"\1\4user\4pass" + b"\5\1\0" + NAME,
    "5-ipv4": b"\0\5\1\0" + b"\5\1\0\1\xc0\0\2\1\1\xbb",
    "5-ipv6": b"\0\5\1\0" + b"\5\3\0\4" + bytes.fromhex("20010db8") + bytes(11) + b"\1\0\x50",
    "4-ipv4": b"\0\4\1\x0d\5\xc0\0\2\1root\0" + LOGIN,
    "4a-name": b"\0\4\1\x0d\5\0\0\0\1u\0Xmr.Pool.Example.\0" + LOGIN,
    "dce-rpc": b"\0\5\0\x0b\3\x10\0\0\0",
    "server-5": b"\1\5\0" + b"\5\0\0\1" + bytes(6) + b"{}",
    "server-5-user": b"\1\5\2\1\0" + b"\5\0\0\3\1z\0\0",
    "server-5-refuses": b"\1\5\xff",
    "server-4": b"\1\0\x5a" + bytes(6) + b"{}",
}

# The PROXY protocol's header, from a connection's first byte

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
ENDS = b"\xc0\0\2\7\xc6\x33\x64\x09\xc3\x50\x0d\5"
PROXY_HEADER = {
    "1-tcp4": b"PROXY TCP4 192.0.2.7 198.51.100.9 50000 3333\r\n" + LOGIN,
    "1-tcp6": b"PROXY TCP6 2001:db8::7 2001:db8::9 1 2\r\n",
    "1-unknown": b"PROXY UNKNOWN any\ntext\r\r\n" + LOGIN,
    "1-decoy": b"PROXY " + LOGIN,
    "2-ipv4": SIGNATURE + b"\x21\x11\0\x0c" + ENDS + LOGIN,
    "2-values": SIGNATURE + b"\x21\x11\0\x12" + ENDS + b"\4\0\3abc" + LOGIN,
    "2-local": SIGNATURE + b"\x20\0\0\0",
    "2-decoy": SIGNATURE + LOGIN,
    "2-line": SIGNATURE + b"\x21\x31\xff\xff\n" + LOGIN,
}

# Dialogues: side, length and bytes of each turn

DICE = random.Random(2)


def turn(side, data):
    return bytes([side, len(data)]) + data


def dice(size):
    return DICE.randbytes(size)


def text(data):
    return bytes([len(data)]) + data


def sv2(kind, payload):
    return struct.pack("<HB", 0, kind) + struct.pack("<I", len(payload))[:3] + payload


SETUP = sv2(0, struct.pack("<BHHI", 0, 2, 2, 7) + text(b"pool.example") + struct.pack("<H", 34254)
            + text(b"Bitmain") + text(b"S9i 13.5") + text(b"os-1") + text(b"rig-7"))
OPEN = sv2(0x10, struct.pack("<I", 1) + text(b"w.rig") + bytes(4) + b"\xff" * 32)
HASH = dice(30) + b"\5\0"
LEVIN = bytes.fromhex("0121010101010101") + struct.pack("<QBIiII", 226, 1, 1001, 0, 1, 1)
VERSION = b"version\0\0\0\0\0" + struct.pack("<I", 102) + bytes(4)
STRATUM2 = {
    "noise": turn(0, dice(64)) + turn(1, dice(234)) + turn(0, dice(131)) + turn(1, dice(44))
    + turn(0, dice(98)),
    "noise-170": turn(0, dice(64)) + turn(1, dice(170)) + turn(0, dice(60)) + turn(1, dice(44))
    + turn(0, dice(98)),
    "bip324": turn(0, dice(64)) + turn(1, dice(100)) + turn(0, dice(166)),
    "setup-and-open": SETUP + OPEN,
    "setup-success": sv2(1, struct.pack("<HI", 2, 0)),
    "p2pool": turn(0, b"\0" + dice(16)) + turn(1, b"\0" + dice(16)) + turn(1, b"\1" + dice(40))
    + turn(0, b"\1" + HASH + dice(8) + b"\2\x01\x94\0\0"),
    "duinocoin": turn(1, b"3.0\n") + turn(0, b"JOB,alice,LOW,None\n") + turn(1, b"ab" * 20 + b"," + b"cd" * 20 + b",25000\n"),
    "duinocoin-motd": turn(1, b"2.4") + turn(0, b"MOTD") + turn(1, b"hi\n") + turn(0, b"JOB,alice")
    + turn(1, b"01" * 20 + b"," + b"23" * 20 + b",7"),
    "levin": LEVIN,
    "bitcoin": b"\xf9\xbe\xb4\xd9" + VERSION,
    "dogecoin": b"\xc0\xc0\xc0\xc0" + VERSION,
    "discv4": dice(96) + b"\0\5\xc5\x84\x65\1\2\3",
}


for folder, seeds in {"websocket": WEBSOCKET, "socks": SOCKS, "proxy_header": PROXY_HEADER, "stratum2": STRATUM2}.items():
    os.makedirs(os.path.join(CORPUS, folder), exist_ok=True)
    for name, data in seeds.items():
        with open(os.path.join(CORPUS, folder, name), "wb") as file:
            file.write(data)

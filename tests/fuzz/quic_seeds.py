#!/usr/bin/python3
"""Writes the seeds of fuzz_quic to corpus/quic/; the seeds are in the tree.

Needs python3-cryptography, with which the packets are sealed a second way."""
import os
import struct

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

V1, V2, DRAFT_29 = 1, 0x6B3343CF, 0xFF00001D
SALTS = {
    V1: "38762cf7f55934b34d179ae6a4c80cadccbb7f0a",
    V2: "0dede3def700a6db819381be6e269dcbf9bd2ed9",
    DRAFT_29: "afbfec289993d24c9e9786f19c6111e04390a899",
}
ID = bytes.fromhex("8394c8f03e515708")


def varint(value):
    for size, mark in ((1, 0), (2, 1), (4, 2), (8, 3)):
        if value < 1 << (8 * size - 2):
            return (value | mark << (8 * size - 2)).to_bytes(size, "big")
    raise ValueError(value)


def expand(secret, label, size):
    label = b"tls13 " + label
    info = struct.pack(">HB", size, len(label)) + label + b"\0"
    return HKDFExpand(hashes.SHA256(), size, info).derive(secret)


def seal(payload, version=V1, connection=ID, keys_from=None, token=b"", number=0):
    extract = hmac.HMAC(bytes.fromhex(SALTS[version]), hashes.SHA256())
    extract.update(connection if keys_from is None else keys_from)
    secret = expand(extract.finalize(), b"client in", 32)
    prefix = b"quicv2 " if version == V2 else b"quic "
    key, iv, header_key = (expand(secret, prefix + label, size)
                           for label, size in ((b"key", 16), (b"iv", 12), (b"hp", 16)))
    payload = payload.ljust(4, b"\0")
    head = bytes([0xD0 if version == V2 else 0xC0]) + struct.pack(">I", version)
    head += bytes([len(connection)]) + connection + b"\0" + varint(len(token)) + token
    head += varint(1 + len(payload) + 16) + bytes([number])
    nonce = (int.from_bytes(iv, "big") ^ number).to_bytes(12, "big")
    packet = bytearray(head + AESGCM(key).encrypt(nonce, payload, head))
    at = len(head) - 1
    mask = Cipher(algorithms.AES(header_key), modes.ECB()).encryptor().update(
        bytes(packet[at + 4:at + 20]))
    packet[0] ^= mask[0] & 0x0F
    packet[at] ^= mask[1]
    return bytes(packet)


def sized(data):
    return struct.pack(">H", len(data)) + data


def extension(kind, body):
    return struct.pack(">H", kind) + sized(body)


def hello(name, bulk=32):
    extensions = extension(51, b"\5" * bulk) + extension(0, sized(b"\0" + sized(name)))
    extensions += extension(16, sized(b"\2h3")) + extension(57, b"\6" * 20)
    body = b"\3\3" + b"\xaa" * 32 + b"\0" + sized(b"\x13\1") + b"\1\0" + sized(extensions)
    return b"\1\0" + sized(body)


def crypto(offset, data):
    return b"\6" + varint(offset) + varint(len(data)) + data


HELLO = hello(b"xmr.pool.example")
FIRST, SECOND = crypto(0, HELLO[:60]), crypto(60, HELLO[60:])
NEGOTIATION = b"\x80\0\0\0\0\0\x08" + ID + struct.pack(">2I", V1, 0x1A2A3A4A)


def raw(*datagrams):
    return b"\0" + b"".join(map(sized, datagrams))


def sealed(*payloads):
    return b"\1" + b"".join(sized(bytes([choice]) + payload) for choice, payload in payloads)


SEEDS = {
    "raw-v1": raw(seal(FIRST + SECOND + bytes(40))),
    "raw-v2-two": raw(seal(SECOND, V2), seal(FIRST, V2, number=1)),
    "raw-draft-29-coalesced": raw(seal(FIRST, DRAFT_29) + seal(SECOND, DRAFT_29, number=1) + b"@" * 9),
    "raw-retry": raw(seal(FIRST), seal(FIRST, token=b"token", connection=b"retried", number=1),
                     seal(SECOND, token=b"token", connection=b"retried", number=2)),
    "raw-negotiation": raw(b"\xc0\x1a\x2a\x3a\x4a" + seal(FIRST)[5:], NEGOTIATION,
                           seal(FIRST + SECOND, V2)),
    "raw-server-id": raw(seal(FIRST), seal(SECOND, connection=b"server", keys_from=ID, number=1)),
    "frames": sealed((0x80, b"\1\2\1\0\0\1" + SECOND), (0, b"\3\1\0\0\1\1\1\1" + FIRST),
                     (0, b"\x1c\0\6\3bye")),
    "frames-two-connections": sealed((0, FIRST), (0x15, FIRST), (0x15, SECOND), (0, SECOND)),
    "frames-compatible-versions": sealed((0, FIRST), (0x06, SECOND)),
    "frames-conflict": sealed((0, SECOND), (0, crypto(0, hello(b"web.other.example")))),
    "frames-coalesced": sealed((0x40, SECOND), (0x40, b""), (0, FIRST)),
    "frames-far": sealed((0, crypto(8191, b"x")), (0, crypto(1 << 40, b"x"))),
    "hello-shuffled": b"\2\1" + HELLO,
    "hello-large": b"\2\7" + hello(b"pool.example", 2000),
    "hello-cut": b"\2\3" + HELLO[:-7],
    "hello-none": b"\2\3" + b"\2" + HELLO[1:],
}

if __name__ == "__main__":
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "quic")
    os.makedirs(folder, exist_ok=True)
    for name, data in SEEDS.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)

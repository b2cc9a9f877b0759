"""QUIC Initial packets of a client (RFC 9000, 9001, 9369), protected as on the wire."""

import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

V1, V2 = 0x00000001, 0x6B3343CF
SALT = {
    V1: bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a"),
    V2: bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9"),
}
LABEL = {V1: "quic", V2: "quicv2"}
FIRST = {V1: 0xC0, V2: 0xD0}  # long header, type Initial
SMALLEST = 1200


def _expand(secret, label, size):
    """HKDF-Expand-Label (RFC 8446, 7.1) with an empty context; one block is enough here."""
    full = b"tls13 " + label.encode()
    info = struct.pack(">HB", size, len(full)) + full + b"\0"
    return hmac.new(secret, info + b"\x01", hashlib.sha256).digest()[:size]


def keys(version, destination):
    """(key, iv, header protection key) of the client's Initials for this destination connection id."""
    initial = hmac.new(SALT[version], destination, hashlib.sha256).digest()
    client = _expand(initial, "client in", 32)
    name = LABEL[version]
    return _expand(client, f"{name} key", 16), _expand(client, f"{name} iv", 12), _expand(client, f"{name} hp", 16)


def varint(value):
    if value < 64:
        return bytes([value])
    if value < 16384:
        return struct.pack(">H", value | 0x4000)
    return struct.pack(">I", value | 0x80000000)


def crypto(offset, data):
    """A CRYPTO frame."""
    return b"\x06" + varint(offset) + varint(len(data)) + data


PING = b"\x01"


def initial(frames, number, version=V1, destination=b"\x83\x94\xc8\xf0\x3e\x51\x57\x08", token=b"", pad=SMALLEST):
    """A protected Initial packet that holds these frames, padded to a datagram of `pad` bytes."""
    key, iv, protect = keys(version, destination)
    before = bytes([FIRST[version] | 3]) + struct.pack(">I", version)
    before += bytes([len(destination)]) + destination + b"\x04miner"[:5] + varint(len(token)) + token
    rest = pad - len(before) - 2 - 4 - 16
    payload = frames + bytes(max(rest - len(frames), 0))
    header = before + struct.pack(">H", 0x4000 | (4 + len(payload) + 16)) + struct.pack(">I", number)
    nonce = (int.from_bytes(iv, "big") ^ number).to_bytes(12, "big")
    sealed = AESGCM(key).encrypt(nonce, payload, header)
    mask = Cipher(algorithms.AES(protect), modes.ECB()).encryptor().update(sealed[:16])
    out = bytearray(header + sealed)
    out[0] ^= mask[0] & 0x0F
    for place in range(4):
        out[len(header) - 4 + place] ^= mask[1 + place]
    return bytes(out)

"""QUIC packets at the beginning of a connection (RFC 9000, 17.2; RFC 9001, 5; RFC 9369), protected as on the wire."""

import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from . import tls

V1, V2 = 0x00000001, 0x6B3343CF
SALT = {
    V1: bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a"),
    V2: bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9"),
}
LABEL = {V1: "quic", V2: "quicv2"}
INITIAL, HANDSHAKE, RETRY = {V1: 0, V2: 1}, {V1: 2, V2: 3}, {V1: 3, V2: 0}
ID = bytes.fromhex("8394c8f03e515708")  # the client's first choice of the server's ID, as in RFC 9001, A
DATAGRAM = 1200


def expand_label(secret, label, size):
    """HKDF-Expand-Label of TLS 1.3 (RFC 8446, 7.1) for at most one block."""
    text = b"tls13 " + label.encode()
    info = struct.pack(">HB", size, len(text)) + text + b"\0"
    return hmac.new(secret, info + b"\1", hashlib.sha256).digest()[:size]


def keys(version, identity, side="client in"):
    """Key, IV and header key of Initials."""
    initial = hmac.new(SALT[version], identity, hashlib.sha256).digest()
    secret = expand_label(initial, side, 32)
    word = LABEL[version]
    return tuple(expand_label(secret, f"{word} {what}", size) for what, size in (("key", 16), ("iv", 12), ("hp", 16)))


def varint(value):
    if value < 0x40:
        return bytes([value])
    return struct.pack(">H", value | 0x4000) if value < 0x4000 else struct.pack(">I", value | 0x80000000)


def crypto(data, offset=0):
    """A CRYPTO frame."""
    return b"\x06" + varint(offset) + varint(len(data)) + data


def crypto_pieces(data, cuts):
    """CRYPTO frames of the data, cut at these offsets."""
    borders = [0, *cuts, len(data)]
    return [crypto(data[begin:end], begin) for begin, end in zip(borders, borders[1:])]


PING, ACK = b"\x01", b"\x02\x00\x00\x00\x00"


def initial(payload, version=V1, identity=ID, made_for=None, number=0, token=b"", source=b"\x11\x22", pad=DATAGRAM):
    """One Initial of a client, padded so that its datagram has `pad` bytes.

    `made_for`: the ID that makes the keys, if it is not the one in the header.
    """
    key, iv, header_key = keys(version, made_for or identity)
    head = bytes([0xC0 | INITIAL[version] << 4 | 3]) + struct.pack(">I", version)
    head += tls.sized(identity, 1) + tls.sized(source, 1) + varint(len(token)) + token
    payload += bytes(max(0, pad - len(head) - 2 - 4 - 16 - len(payload)))
    head += struct.pack(">H", 0x4000 | 4 + len(payload) + 16) + struct.pack(">I", number)
    nonce = bytes(a ^ b for a, b in zip(iv, number.to_bytes(12, "big")))
    body = AESGCM(key).encrypt(nonce, payload, head)
    encryptor = Cipher(algorithms.AES(header_key), modes.ECB()).encryptor()
    mask = encryptor.update(body[:16])
    hidden = bytes([head[0] ^ mask[0] & 0x0F]) + head[1:-4] + bytes(a ^ b for a, b in zip(head[-4:], mask[1:5]))
    return hidden + body


def retry(new_identity, token, version=V1):
    """A server's Retry. A reader on the path needs the client's first packet to verify its tag; we do not verify it
    either.
    """
    head = bytes([0xC0 | RETRY[version] << 4]) + struct.pack(">I", version)
    return head + tls.sized(b"\x11\x22", 1) + tls.sized(new_identity, 1) + token + bytes(range(16))


def version_negotiation(versions=(V1,)):
    listed = b"".join(struct.pack(">I", version) for version in versions)
    return b"\x80" + bytes(4) + tls.sized(b"\x11\x22", 1) + tls.sized(ID, 1) + listed


def short_packet(size=60):
    """A packet like those of the rest of the connection."""
    return b"\x43" + bytes((11 * at + 5) & 255 for at in range(size))


TRANSPORT_PARAMETERS = tls.extension(57, bytes.fromhex("01048000ea60040480100000"))


def hello(name, **options):
    return tls.client_hello(name, alpn=("h3",), after=[TRANSPORT_PARAMETERS, *options.pop("after", ())], **options)

"""Binary protocols of miners and of coin nodes: Stratum V2, P2Pool, and protocols that are not mining."""

import hashlib
import struct


def noise(size, seed="noise"):
    """Bytes that look random, the same in every run."""
    out = b""
    while len(out) < size:
        out += hashlib.sha256(f"{seed}{len(out)}".encode()).digest()
    return out[:size]


# Stratum V2 (specification, 3.2, 3.6, 5.3)


def text(value):
    return bytes([len(value)]) + value.encode()


def frame(kind, payload, extension=0):
    return struct.pack("<HB", extension, kind) + len(payload).to_bytes(3, "little") + payload


def setup_connection(
    host="v2.pool.example", port=34254, vendor="Braiins", hardware="S19", firmware="22.08", device="rig7"
):
    numbers = struct.pack("<BHHI", 0, 2, 2, 1)
    names = text(vendor) + text(hardware) + text(firmware) + text(device)
    return frame(0, numbers + text(host) + struct.pack("<H", port) + names)


SETUP_SUCCESS = frame(1, struct.pack("<HI", 2, 1))


def open_channel(user="wallet.rig7", extended=False):
    payload = struct.pack("<I", 1) + text(user) + struct.pack("<f", 1e12) + b"\xff" * 32
    return frame(0x13 if extended else 0x10, payload + (struct.pack("<H", 8) if extended else b""), 0)


# Monero P2Pool (p2p_server.h)


def challenge(seed):
    return b"\x00" + noise(16, seed)


def solution(seed, work=True):
    """The hash's most significant word is its last one; a solution makes it small."""
    return (
        b"\x01"
        + noise(24, seed + "hash")
        + (noise(6, seed + "w") + bytes(2) if work else b"\xff" * 8)
        + noise(8, seed + "salt")
    )


LISTEN_PORT = b"\x02" + struct.pack("<I", 37889)


# Coin nodes

MAGIC = {
    "bitcoin": "f9beb4d9",
    "bitcoin-cash": "e3e1f3e8",
    "litecoin": "fbc0b6db",
    "dogecoin": "c0c0c0c0",
    "dash": "bf0c6bbd",
    "zcash": "24e92764",
}


def bitcoin_message(command, payload, magic="f9beb4d9"):
    check = hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    return bytes.fromhex(magic) + command.encode().ljust(12, b"\0") + struct.pack("<I", len(payload)) + check + payload


def bitcoin_version(magic="f9beb4d9"):
    address = struct.pack("<Q", 9) + bytes(10) + b"\xff\xff" + bytes([203, 0, 113, 9]) + struct.pack(">H", 8333)
    payload = struct.pack("<iQq", 70016, 9, 1760000000) + address + address + bytes(8) + text("/Satoshi:25.0.0/")
    return bitcoin_message("version", payload + struct.pack("<i?", 820000, True), magic)


def levin(command=1001, body=b"\x01\x11\x01\x01\x01\x01\x02\x01\x01" + bytes(100)):
    return bytes.fromhex("0121010101010101") + struct.pack("<QBIiII", len(body), 1, command, 0, 1, 1) + body


def rlp(*items):
    """A list of items that are encoded already."""
    body = b"".join(items)
    return rlp_head(0xC0, len(body)) + body


def rlp_head(kind, size):
    return bytes([kind + size]) if size < 56 else bytes([kind + 55 + 1, size])


def rlp_text(value):
    return value if len(value) == 1 and value[0] < 0x80 else rlp_head(0x80, len(value)) + value


def discovery(kind, *items):
    """A packet of Ethereum's discovery v4: hash, signature, type and a list."""
    return noise(32, "hash") + noise(64, "signature") + b"\x00" + bytes([kind]) + rlp(*items)


EXPIRATION = rlp_text(struct.pack(">I", 1760000060))
ENDPOINT = rlp(rlp_text(bytes([10, 10, 0, 7])), rlp_text(struct.pack(">H", 30303)), rlp_text(struct.pack(">H", 30303)))
DISCOVERY_PING = discovery(1, b"\x04", ENDPOINT, ENDPOINT, EXPIRATION)
DISCOVERY_PONG = discovery(2, ENDPOINT, rlp_text(noise(32, "ping")), EXPIRATION)
FIND_NODE = discovery(3, rlp_text(noise(64, "target")), EXPIRATION)

"""JA4 of a ClientHello (FoxIO's description): an implementation of our own, which shares no code with the product."""

import hashlib
import struct

VERSIONS = {0x0304: "13", 0x0303: "12", 0x0302: "11", 0x0301: "10", 0x0300: "s3"}


def is_grease(word):
    return word & 0x0F0F == 0x0A0A and word >> 8 == word & 0xFF


def words(data):
    return [word for (word,) in struct.iter_unpack(">H", data) if not is_grease(word)]


def hashed(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12] if text else "0" * 12


def commas(values):
    return ",".join(f"{value:04x}" for value in values)


def ja4(message, transport="t"):
    """Of a handshake message, without records."""
    at = 4 + 2 + 32
    at += 1 + message[at]
    size = int.from_bytes(message[at : at + 2], "big")
    ciphers = words(message[at + 2 : at + 2 + size])
    at += 2 + size
    at += 1 + message[at] + 2
    version = int.from_bytes(message[4:6], "big")
    extensions, alpn, algorithms = [], "00", []
    while at < len(message):
        kind, size = struct.unpack_from(">HH", message, at)
        data = message[at + 4 : at + 4 + size]
        at += 4 + size
        if is_grease(kind):
            continue
        extensions.append(kind)
        if kind == 16 and size > 3:
            first = data[3 : 3 + data[2]].decode("latin-1")
            alpn = first[0] + first[-1]
        elif kind == 13:
            algorithms = words(data[2:])
        elif kind == 43:
            version = max(words(data[1:]))
    named = "d" if 0 in extensions else "i"
    hashes = commas(sorted(kind for kind in extensions if kind not in (0, 16)))
    if hashes and algorithms:
        hashes += "_" + commas(algorithms)
    return (
        f"{transport}{VERSIONS[version]}{named}{min(len(ciphers), 99):02}{min(len(extensions), 99):02}{alpn}"
        f"_{hashed(commas(sorted(ciphers)))}_{hashed(hashes)}"
    )

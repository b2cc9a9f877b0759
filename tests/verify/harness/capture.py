"""Capture files: pcap with nanoseconds as libpcap writes it, and a minimal pcapng."""

import struct

ETHERNET = 1


def pcap(frames, link=ETHERNET, snap=262144):
    """The bytes of a pcap file of (nanoseconds, bytes[, length on the wire])."""
    out = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, snap, link)]
    for time, data, *length in frames:
        seconds, rest = divmod(time, 10**9)
        out.append(struct.pack("<IIII", seconds, rest, len(data), length[0] if length else len(data)))
        out.append(data)
    return b"".join(out)


def pcapng(frames, link=ETHERNET):
    """The bytes of a pcapng file with one interface (microseconds, the format's default)."""

    def block(kind, body):
        body += bytes(-len(body) % 4)
        size = struct.pack("<I", len(body) + 12)
        return struct.pack("<I", kind) + size + body + size

    out = [block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)), block(1, struct.pack("<HHI", link, 0, 0))]
    for time, data in frames:
        micro = time // 1000
        head = struct.pack("<IIIII", 0, micro >> 32, micro & 0xFFFFFFFF, len(data), len(data))
        out.append(block(6, head + data))
    return b"".join(out)


def read(path):
    """The (nanoseconds, bytes) of a pcap file of either precision and this machine's byte order."""
    with open(path, "rb") as stream:
        data = stream.read()
    unit = {0xA1B23C4D: 1, 0xA1B2C3D4: 1000}[struct.unpack_from("<I", data)[0]]
    at, frames = 24, []
    while at < len(data):
        seconds, rest, kept, _ = struct.unpack_from("<IIII", data, at)
        frames.append((seconds * 10**9 + rest * unit, data[at + 16 : at + 16 + kept]))
        at += 16 + kept
    return frames

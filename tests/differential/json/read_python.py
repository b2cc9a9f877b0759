"""What Python's json reads: frames (length, whether it is read by lines, bytes) on stdin, a line with a JSON list of texts for each on stdout."""

import json
import struct
import sys

sys.setrecursionlimit(100_000)
DECODER = json.JSONDecoder(strict=False)


def values(data):
    found = []

    def take(read, *given):
        try:
            found.append(json.dumps(read(*given)))
        except (ValueError, RecursionError, MemoryError):
            pass

    take(json.loads, data)
    take(json.loads, data.strip())
    for text in (data.decode("latin1"), data.decode("utf-8", "replace"), data.decode("utf-8", "surrogateescape")):
        take(json.loads, text.strip())
        take(DECODER.decode, text.strip())
    text, at = data.decode("latin1"), 0  # values in sequence
    while at < len(text):
        try:
            value, end = DECODER.raw_decode(text, at)
            found.append(json.dumps(value))
        except (ValueError, RecursionError):
            end = at + 1
            if not text[at].isspace() and text[at] not in ",\0":
                break
        at = end
    return found


def main():
    source, out = sys.stdin.buffer, []
    while head := source.read(5):
        size, by_lines = struct.unpack("<IB", head)
        data = source.read(size)
        found = values(data)
        lines = data.split(b"\n")
        if by_lines and len(lines) > 1:
            for line in lines:
                found += values(line)
        out.append(json.dumps(sorted(set(found))))
    print("\n".join(out))


main()

"""A capture of what the client's interface sends and receives, for `minerwall replay` and for people."""

import struct
import time

ETHERNET = 1
SNAP = 1 << 16


class Tape:
    """A pcap file with nanoseconds (libpcap's savefile format)."""

    def __init__(self, path):
        # pylint: disable-next=consider-using-with  # lives as long as the field
        self.file = open(path, "wb")
        self.file.write(struct.pack("=IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, SNAP, ETHERNET))

    def frame(self, data):
        seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
        self.file.write(struct.pack("=IIII", seconds, nanoseconds, len(data), len(data)) + data)

    def close(self):
        self.file.close()

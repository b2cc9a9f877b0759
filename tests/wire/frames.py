"""Frames on a kernel interface, exactly as they are on the wire: raw send and raw receive.

The kernel takes the outermost VLAN tag off a received frame before any socket sees it, and hands it over beside the
frame (packet(7), PACKET_AUXDATA). This module puts it back, with the EtherType that it had.
"""

import select
import socket
import struct
import time

ETH_P_ALL = 0x0003
SOL_PACKET = 263
PACKET_AUXDATA = 8
PACKET_IGNORE_OUTGOING = 23
SO_RCVBUFFORCE = 33
TP_STATUS_VLAN_VALID = 1 << 4
TP_STATUS_VLAN_TPID_VALID = 1 << 6
AUXDATA = struct.Struct("=IIIHHHH")  # status, len, snaplen, mac, net, vlan_tci, vlan_tpid
RECEIVE_BUFFER = 32 << 20
MAX_FRAME = 65536


class Port:
    """One interface of a namespace, opened for raw frames in both directions."""

    def __init__(self, namespace, interface):
        with namespace.entered():
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            self.socket.bind((interface, ETH_P_ALL))
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)

    def send(self, frame):
        self.socket.send(frame)

    def receive(self, timeout):
        """The next frame that came in, or None after so many seconds."""
        ready, _, _ = select.select([self.socket], [], [], max(timeout, 0))
        return self._read() if ready else None

    def _read(self):
        data, ancillary, _, _ = self.socket.recvmsg(MAX_FRAME, socket.CMSG_SPACE(AUXDATA.size))
        for level, kind, content in ancillary:
            if level == SOL_PACKET and kind == PACKET_AUXDATA:
                status, _, _, _, _, tci, tpid = AUXDATA.unpack_from(content)
                if status & TP_STATUS_VLAN_VALID:
                    tpid = tpid if status & TP_STATUS_VLAN_TPID_VALID else 0x8100
                    data = data[:12] + struct.pack("!HH", tpid, tci) + data[12:]
        return data

    def drain(self, quiet=0.2):
        """Discards the frames that are there and that come, until no more come."""
        while self.receive(quiet) is not None:
            pass

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def carry(sender, receiver, frames, window=32, timeout=3.0, ignore=lambda frame: False):
    """Sends frames and returns what came out, with at most `window` of them on the way.

    The window makes sure that a loss is a fault of the wire and not of a full socket buffer. `ignore` tells which
    frames others put on the wire.
    """
    received, sent = [], 0
    deadline = time.monotonic() + timeout
    while len(received) < len(frames):
        while sent < len(frames) and sent - len(received) < window:
            sender.send(frames[sent])
            sent += 1
        frame = receiver.receive(deadline - time.monotonic())
        if frame is None:
            break
        if ignore(frame):
            continue
        received.append(frame)
        deadline = time.monotonic() + timeout
    return received

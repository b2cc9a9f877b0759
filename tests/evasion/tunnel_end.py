"""The far end of the tunnels: removes the encapsulation of packets from the wire and adds it to packets that go back.

It replaces the tunnel devices of Linux: few kernels have all of them, and a test must not depend on the kernel.
Behind it is the same Linux receiver as behind the kernel's own hop. Like a router it decrements the TTL.
"""

import ctypes
import socket
import struct

import encapsulation
import frames
import wire
from field import BOX_MAC, CLIENT_MAC, SERVER_MAC

SO_ATTACH_FILTER = 26
BURST = 64


def _only_to(mac):
    """A classic BPF program (linux/filter.h): accept frames whose destination ends with the last bytes of `mac`."""
    low = int.from_bytes(mac[2:], "big")
    steps = [(0x20, 0, 0, 2), (0x15, 0, 1, low), (0x06, 0, 0, 0x40000), (0x06, 0, 0, 0)]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def attach(port, mac):
    program = ctypes.create_string_buffer(_only_to(mac))
    head = struct.pack("HP", 4, ctypes.addressof(program))
    port.socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, head)


def one_hop_less(packet):
    """The packet as a router forwards it, or None if its time to live ends here."""
    if packet[0] >> 4 == 4:
        if packet[8] <= 1:
            return None
        size = (packet[0] & 15) * 4
        if wire.checksum(packet[:size]) != 0xFFFF:  # a sum of ones; see wire.checksum
            return None
        head = packet[:8] + bytes([packet[8] - 1]) + packet[9:10]
        rest = packet[12:size]
        return head + struct.pack(">H", wire.checksum(head + b"\0\0" + rest)) + rest + packet[size:]
    if packet[7] <= 1:
        return None
    return packet[:7] + bytes([packet[7] - 1]) + packet[8:]


def client_of(packet, outward):
    """The client's address in a packet: the source on the way out, the destination on the way back."""
    if packet[0] >> 4 == 4:
        return packet[12:16] if outward else packet[16:20]
    return packet[8:24] if outward else packet[24:40]


class TunnelEnd:
    """Works in the edge namespace; `watch(socket, callback)` registers with the event loop."""

    def __init__(self, field, watch):
        self.wan = frames.Port(field.edge, "wan0")
        self.srv = frames.Port(field.edge, "srv0")
        for port, callback in ((self.wan, self._from_wire), (self.srv, self._from_server)):
            attach(port, BOX_MAC)
            watch(port.socket, callback)
        self.kinds = {}  # client address: encapsulation of what it sent last
        self.aside = {}  # client address: takes its packets without a wire in between

    def _from_wire(self):
        for _ in range(BURST):
            frame = self.wan.receive(0)
            if frame is None:
                return
            opened = encapsulation.unwrap(frame)
            if opened and len(opened[1]) > 20:
                kind, packet = opened
                self.kinds[client_of(packet, True)] = kind
                self.to_server(packet)

    def to_server(self, packet):
        packet = one_hop_less(packet)
        if packet:
            self.srv.send(SERVER_MAC + BOX_MAC + encapsulation.ethertype(packet) + packet)

    def _from_server(self):
        for _ in range(BURST):
            frame = self.srv.receive(0)
            if frame is None:
                return
            packet = frame[14:]
            client = client_of(packet, False)
            if client in self.aside:
                self.aside[client](packet)
                continue
            packet = one_hop_less(packet)
            if packet and client in self.kinds:
                self.wan.send(encapsulation.wrap(self.kinds[client], packet, CLIENT_MAC + BOX_MAC, outward=False))

    def close(self):
        self.wan.close()
        self.srv.close()

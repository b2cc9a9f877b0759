"""Where the cells play: one event loop for the client's raw socket, the tunnel end and the server's applications.

All of them are in this one process, so a cell can ask "has everything that I sent arrived?" without a timer. It sends
a barrier, a datagram that takes the same way after its packets and that the server sends back, and waits for it. By
then the answers of the server's kernel to the packets before it have arrived as well.
"""

import asyncio
import itertools
import struct

import encapsulation
import frames
import wire
from field import BOX_MAC, CLIENT_MAC, EDGE_MAC, client_address, server_address
from receiver import BARRIER_PORT, Receiver
from tunnel_end import BURST, TunnelEnd, client_of

BARRIER_CLIENT = 0xFFFE
BARRIER_TIMEOUT = 5.0


class Lost(RuntimeError):
    """A barrier did not arrive: the wire lost or stopped a packet that it had no reason to stop."""


class Stage:
    def __init__(self, field, tape=None):
        self.tape = tape
        self.loop = asyncio.get_running_loop()
        self.client = frames.Port(field.hosts, "lan0")
        self._watch(self.client.socket, self._from_wire)
        self.end = TunnelEnd(field, self._watch)
        self.receiver = Receiver(field, self._watch, self.loop.remove_reader)
        self.peers = {}  # client's address: what takes its packets
        for v4 in (True, False):
            for boxed in (True, False):
                self.peers[client_address(BARRIER_CLIENT, v4, boxed)] = self._barrier_returned
        self._barriers = {}
        self._numbers = itertools.count(1)

    def _watch(self, one, callback):
        self.loop.add_reader(one, callback)

    def _from_wire(self):
        for _ in range(BURST):
            frame = self.client.receive(0)
            if frame is None:
                return
            if self.tape:
                self.tape.frame(frame)
            opened = encapsulation.unwrap(frame)
            if opened and len(opened[1]) > 20:
                peer = self.peers.get(client_of(opened[1], False))
                if peer:
                    peer(opened[1])

    def send(self, kind, packet, boxed, trailer=b"", mac=None):
        """Puts a packet on the wire, in a frame of this kind of encapsulation, to the next hop or to another `mac`."""
        addresses = (mac or (BOX_MAC if boxed else EDGE_MAC)) + CLIENT_MAC
        frame = encapsulation.wrap(kind, packet, addresses, trailer=trailer)
        if self.tape:
            self.tape.frame(frame)
        self.client.send(frame)

    async def barrier(self, kind, boxed):
        """Returns when all that this cell sent before has reached the receiver's kernel, and its answers have come."""
        number = next(self._numbers)
        v4 = encapsulation.KINDS[kind]
        ends = (client_address(BARRIER_CLIENT, v4, boxed), server_address("plain", v4), 40009, BARRIER_PORT)
        packet = wire.ip(ends[0], ends[1], wire.UDP, wire.udp(ends, struct.pack(">I", number)))
        arrived = self._barriers[number] = self.loop.create_future()
        self.send(kind, packet, boxed)
        try:
            await asyncio.wait_for(arrived, BARRIER_TIMEOUT)
        except asyncio.TimeoutError:
            raise Lost(f"barrier {number} over {kind}") from None
        finally:
            del self._barriers[number]

    def _barrier_returned(self, packet):
        body = wire.Split(packet).body
        arrived = self._barriers.get(struct.unpack_from(">I", body, 8)[0]) if len(body) >= 12 else None
        if arrived and not arrived.done():
            arrived.set_result(None)

    def close(self):
        self.loop.remove_reader(self.client.socket)
        self.client.close()
        for port in (self.end.wan, self.end.srv):
            self.loop.remove_reader(port.socket)
        self.end.close()
        self.receiver.close()

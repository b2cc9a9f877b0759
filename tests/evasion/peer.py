"""A hand-made TCP client: techniques control every segment; the server's kernel is real."""

import asyncio
import random
import struct

import encapsulation
import wire
from field import client_address, server_address

PACE = 24  # packets after which a cell waits for its packets to arrive, so that no queue overflows
MSS = bytes.fromhex("020405b4")
MOMENT = 0.05  # seconds beyond a barrier; a kernel has answered by then
PATIENCE = 2.0  # for an application, which answers when this process runs it
SEGMENT = 1000  # fits with all headers of techniques and encapsulations


class NoAnswer(RuntimeError):
    """The server did not do what a technique waits for."""


class Peer:
    """One client with one connection. `packets` is the cell's IP technique: packet, peer -> packets."""

    # pylint: disable=too-many-instance-attributes  # a TCP connection has these many
    def __init__(self, stage, number, cell, packets, port, server="plain", boxed=False):
        self.stage, self.packets = stage, packets
        self.kind = kind = cell.kind
        self.v4 = encapsulation.KINDS[kind]
        self.boxed = boxed or kind not in encapsulation.BY_KERNEL
        self.random = random.Random(str(cell))  # a cell is the same in every run
        self.address = client_address(number, self.v4, self.boxed)
        self.server = server_address(server, self.v4)
        self.port, self.server_port = 20000 + number % 20000, port
        self.ends = (self.address, self.server, self.port, port)
        self.identity = self.random.randrange(1, 0xFFFF)
        self.iss = self.next = self.random.randrange(1 << 20, 1 << 31)
        self.irs = self.ack = 0
        self.window, self.acked = 0, None
        self.reset = False
        self.stamp = None  # the value of our timestamps option, if the connection has it
        self.echo = 0
        self.memory = {}  # of the IP technique
        self.bypass = False  # packets go around the wire
        self._count = 0
        self._changed = asyncio.Event()
        stage.peers[self.address] = self.take
        stage.end.kinds[self.address] = kind  # a server that speaks first answers in the same kind

    # Received packets

    def take(self, packet):
        split = wire.Split(packet)
        if split.protocol != wire.TCP or split.source != self.server or len(split.body) < 20:
            return
        sport, dport, seq, ack, flags, window, options, data = wire.tcp_fields(split.body)
        if (sport, dport) != (self.server_port, self.port):
            return
        if flags & wire.RST:
            self.reset = True
        elif flags & wire.SYN:
            self.irs = seq
            self.ack = (seq + 1) & wire.MASK
        elif data or flags & wire.FIN:
            end = (seq + len(data) + bool(flags & wire.FIN)) & wire.MASK
            if seq == self.ack:
                self.ack = end
        if flags & wire.ACK and not flags & wire.RST:
            self.acked, self.window = ack, window
        if self.stamp is not None and options[:4] == b"\x01\x01\x08\x0a":
            self.echo = struct.unpack_from(">I", options, 4)[0]
        elif self.stamp is not None and flags & wire.SYN:
            at = options.find(b"\x08\x0a")
            self.echo = struct.unpack_from(">I", options, at + 2)[0] if at >= 0 else 0
        self._changed.set()

    async def until(self, condition, what, patience=MOMENT):
        """Waits until something that comes makes the condition true: what the server's kernel says at once, or, with
        more patience, what its application says."""
        if not condition():
            await self.settle()
        deadline = self.stage.loop.time() + patience
        while not condition():
            self._changed.clear()
            left = deadline - self.stage.loop.time()
            if self.reset:
                raise NoAnswer(f"{what}: the connection was reset")
            try:
                await asyncio.wait_for(self._changed.wait(), max(left, 0.001))
            except asyncio.TimeoutError:
                raise NoAnswer(what) from None

    async def settle(self):
        """Until the receiver's kernel has all that was sent."""
        self._count = 0
        await self.stage.barrier(self.kind, self.boxed)

    # Sent packets

    def stamps(self, ago=0):
        if self.stamp is None:
            return b""
        return b"\x01\x01\x08\x0a" + struct.pack(">II", (self.stamp - ago) & wire.MASK, self.echo)

    def segment(self, seq, data=b"", flags=wire.ACK | wire.PSH, **fields):
        """The bytes of a segment; fields that are not given have this connection's values."""
        ack = fields.pop("ack", self.ack if flags & wire.ACK else 0)
        options = fields.pop("options", self.stamps(fields.pop("ago", 0)))
        ends = fields.pop("ends", self.ends)
        return wire.tcp(ends, seq, ack, flags, data, options=options, **fields)

    async def put(self, body, protocol=wire.TCP, trailer=b"", plain=False, ends=None, mac=None, **fields):
        """Sends one IP packet, or the packets that the IP technique makes of it."""
        self.identity = (self.identity + 1) & 0xFFFF
        ends = ends or self.ends
        packet = wire.ip(ends[0], ends[1], protocol, body, identity=self.identity, **fields)
        out = [packet] if plain or self.bypass else self.packets(packet, self)
        for one in out:
            if self.bypass:
                self.stage.end.to_server(one)
            else:
                self.stage.send(self.kind, one, self.boxed, trailer, mac)
        self._count += len(out)
        if self._count >= PACE:
            await self.settle()

    async def at(self, place, data, ip=None, **fields):
        """Sends stream bytes from `place` in what the cell has to say next; `ip` has fields for the packet around it.
        What does not fit one segment goes in several."""
        for begin in range(0, len(data), SEGMENT):
            piece = self.segment(self.next + place + begin, data[begin : begin + SEGMENT], **fields)
            await self.put(piece, **(ip or {}))
            if fields.pop("urgent", None) is not None:
                fields["flags"] &= ~wire.URG

    async def control(self, flags, seq=None, ip=None, **fields):
        """A segment without data; its sequence number is the next one where none is given."""
        await self.put(self.segment(self.next if seq is None else seq, flags=flags, **fields), **(ip or {}))

    async def connect(self, seq=None, options=MSS, data=b"", stamps=False):
        """Three-way handshake. With `stamps` the timestamps option is agreed on."""
        if seq is not None:
            self.iss = seq
        if stamps:
            self.stamp = 1_000_000
            options = options + self.stamps()
        await self.put(wire.tcp(self.ends, self.iss, 0, wire.SYN, data, options=options))
        await self.opened()

    async def opened(self, consumed=0):
        """The second half of the handshake."""
        await self.until(lambda: self.irs, "no SYN-ACK")
        self.next = (self.iss + 1 + consumed) & wire.MASK
        await self.control(wire.ACK)

    async def say(self, data):
        """Sends in order, in plain segments: for the data that a technique does not concern."""
        await self.at(0, data)
        self.next = (self.next + len(data)) & wire.MASK

    def close(self):
        self.stage.peers.pop(self.address, None)
        self.stage.end.aside.pop(self.address, None)

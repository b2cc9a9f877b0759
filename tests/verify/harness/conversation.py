"""Conversations between a client and a server, which write the frames of a case."""

from . import packet

CLIENT, SERVER = "client", "server"
MAC = {CLIENT: bytes.fromhex("020000000001"), SERVER: bytes.fromhex("020000000002")}
V4, V6 = b"\x08\x00", b"\x86\xdd"


def other(who):
    return SERVER if who == CLIENT else CLIENT


class Frame:
    """One frame of the capture, with what the oracle must know about it."""

    def __init__(self, data, owner=None, sender=None, **fields):
        self.data = data
        self.owner, self.sender = owner, sender
        self.seq = fields.get("seq", 0)
        self.ack = fields.get("ack", 0)
        self.flags = fields.get("flags", 0)
        self.payload = fields.get("payload", b"")
        self.received = fields.get("received", True)  # False: no receiver takes it (bad checksum)
        self.counted = True  # by its flow; False: perhaps not, if it is dropped (a fragment of a blocked packet)
        self.wait = 0  # nanoseconds that pass before it, beyond the clock's step
        self.index = None

    @property
    def end(self):
        """The sequence number after its last byte."""
        return self.seq + len(self.payload) + bool(self.flags & packet.SYN) + bool(self.flags & packet.FIN)


class Conversation:
    """Ends, link layer and identity shared by TCP and UDP."""

    protocol = None

    def __init__(
        self,
        test,
        client=None,
        server=None,
        sport=None,
        dport=None,
        v6=False,
        vlan=(),
        link=None,
        mac=None,
        tunnel=None,
    ):
        self.test = test
        number = test.next_conversation()
        self.address = {
            CLIENT: client or ("2001:db8:10::7" if v6 else "10.10.0.7"),
            SERVER: server or ("2001:db8:ff::9" if v6 else "203.0.113.9"),
        }
        self.port = {CLIENT: sport or 52000 + number, SERVER: dport or 41003}
        self.packed = {who: packet.packed(self.address[who]) for who in (CLIENT, SERVER)}
        self.number = number
        self.vlan = (vlan,) if isinstance(vlan, int) else tuple(vlan)
        self.mac = mac or MAC
        self._link = link
        self.tunnel = tunnel
        self.frames = []
        # How the harness reads what the server's application got, if it is not JSON in the clear: a function from
        # bytes to messages.
        self.reader = None
        self.elsewhere = []  # frames that reached their receiver by another path

    def link(self, sender):
        """The bytes before the IP header."""
        ether = self.mac[other(sender)] + self.mac[sender]
        kind = V6 if len(self.packed[CLIENT]) == 16 else V4
        if self.tunnel:
            kind = self.tunnel.kind
        if self._link:
            return self._link(ether, kind)
        for depth, vlan in enumerate(self.vlan):
            outer = len(self.vlan) > 1 and depth == 0
            ether += (b"\x88\xa8" if outer else b"\x81\x00") + vlan.to_bytes(2, "big")
        return ether + kind

    def answer(self, sender, data):
        """The content of a frame that the appliance made in the name of `sender`; None if it is not of this link."""
        link = self.link(sender)
        if not data.startswith(link):
            return None
        data = data[len(link) :]
        if self.tunnel:
            data = self.tunnel.open(sender, data)
        return packet.Parsed(data) if data else None

    def add(self, sender, body, pad=0, ip_options=None, **fields):
        data = packet.ip(
            self.packed[sender],
            self.packed[other(sender)],
            self.protocol,
            body,
            self.test.next_identity(),
            **(ip_options or {}),
        )
        data = self.link(sender) + (self.tunnel.wrap(sender, data) if self.tunnel else data)
        frame = self.test.frame(data + bytes(max(0, pad - len(data))), self, sender, **fields)
        self.frames.append(frame)
        return frame


class Udp(Conversation):
    protocol = packet.UDP

    def datagram(self, sender, data, no_checksum=False, **options):
        body = packet.udp(
            self.packed[sender],
            self.packed[other(sender)],
            self.port[sender],
            self.port[other(sender)],
            data,
            no_checksum,
        )
        return self.add(sender, body, payload=data, **options)

    def client(self, data, **options):
        return self.datagram(CLIENT, data, **options)

    def server(self, data, **options):
        return self.datagram(SERVER, data, **options)


class Tcp(Conversation):
    protocol = packet.TCP

    def __init__(self, test, handshake=True, isn=None, **ends):
        super().__init__(test, **ends)
        # Far apart, so that a crafted reset names its conversation even if ports are used again.
        base = 1_000_000 + self.number * 4_000_000
        start = isn or {CLIENT: base, SERVER: base + 2_000_000}
        self.next = dict(start)
        self.start = dict(start)
        if handshake:
            self.open()

    def segment(
        self,
        sender,
        data=b"",
        flags="A",
        seq=None,
        ack=None,
        options=b"",
        window=64240,
        bad_checksum=False,
        discarded=False,
        **more,
    ):
        """One segment. If it is in order, the sender's next sequence number moves on.

        `discarded`: no receiver takes it, for another reason than its checksum.
        """
        bits = packet.flag_bits(flags)
        in_order = seq is None
        seq = self.next[sender] if seq is None else seq
        if ack is None:
            ack = self.next[other(sender)] if bits & packet.ACK else 0
        body = packet.tcp(
            self.packed[sender],
            self.packed[other(sender)],
            self.port[sender],
            self.port[other(sender)],
            seq,
            ack,
            bits,
            data,
            options,
            window=window,
            bad_checksum=bad_checksum,
        )
        received = not (bad_checksum or discarded)
        frame = self.add(sender, body, seq=seq, ack=ack, flags=bits, payload=data, received=received, **more)
        if in_order and received:
            self.next[sender] = frame.end
        return frame

    def open(self):
        mss = bytes.fromhex("020405b4")
        self.segment(CLIENT, flags="S", options=mss)
        self.segment(SERVER, flags="SA", options=mss)
        return self.segment(CLIENT, flags="A")

    def send(self, sender, data, cuts=(), size=1448, acked=True, **options):
        """Sends the data in segments: cut at the given offsets, and none longer than `size`. The peer acknowledges it.

        Returns the frames that carried data.
        """
        borders = sorted({cut for cut in cuts if 0 < cut < len(data)} | {len(data)})
        frames, begin = [], 0
        for border in borders:
            while begin < border:
                end = min(begin + size, border)
                frames.append(self.segment(sender, data[begin:end], flags="PA", **options))
                begin = end
        if acked:
            self.segment(other(sender))
        return frames

    def client(self, data, **options):
        return self.send(CLIENT, data, **options)

    def server(self, data, **options):
        return self.send(SERVER, data, **options)

    def pieces(self, sender, data, cuts, order, acked=True, **options):
        """Sends the data cut at these offsets, in the given order of the pieces' numbers, which may repeat.

        Returns the frames as they were sent.
        """
        start = self.next[sender]
        borders = [0, *cuts, len(data)]
        frames = []
        for number in order:
            begin, end = borders[number], borders[number + 1]
            frames.append(self.segment(sender, data[begin:end], flags="PA", seq=start + begin, **options))
        self.next[sender] = start + len(data)
        if acked:
            self.segment(other(sender))
        return frames

    def detour(self, sender, data):
        """Data that reaches the receiver by another path: no frame of the capture."""
        frame = Frame(b"", self, sender, seq=self.next[sender], payload=data)
        self.elsewhere.append(frame)
        self.next[sender] = frame.end
        return self.segment(other(sender))

    def close(self):
        self.segment(CLIENT, flags="FA")
        self.segment(SERVER, flags="FA")
        return self.segment(CLIENT)

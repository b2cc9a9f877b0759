"""Techniques: the connection looks closed, or is closed and its ports are used again."""

import wire
from peer import MSS
from technique import sending, technique

# Resets and FINs that do not end the connection at the receiver: fields of the segment, of the packet, the place.
NOT_TAKEN = {
    "rst-ttl": ("a RST with too small a TTL to get there", wire.RST, {}, {"ttl": 1}, 0),
    "rst-ack-ttl": ("a RST with ACK and too small a TTL", wire.RST | wire.ACK, {}, {"ttl": 1}, 0),
    "rst-checksum": ("a RST with a wrong checksum", wire.RST, {"bad_checksum": True}, {}, 0),
    "rst-in-window": ("a RST in the window, not at its start", wire.RST, {}, {}, 100),
    "rst-outside": ("a RST far outside the window", wire.RST, {}, {}, 1 << 29),
    "rst-old": ("a RST before the window", wire.RST, {}, {}, -1000),
    "rst-md5": ("a RST with an MD5 option", wire.RST, {"options": b"\x01\x01\x13\x12" + bytes(16)}, {}, 0),
    "fin-ttl": ("a FIN with too small a TTL", wire.FIN | wire.ACK, {}, {"ttl": 1}, 0),
    "fin-checksum": ("a FIN with a wrong checksum", wire.FIN | wire.ACK, {"bad_checksum": True}, {}, 0),
    "fin-outside": ("a FIN far outside the window", wire.FIN | wire.ACK, {}, {}, 1 << 29),
    "fin-no-ack": ("a FIN without ACK", wire.FIN, {}, {}, 0),
}


def _register(name):
    text, flags, fields, around, place = NOT_TAKEN[name]

    @sending(name, f"{text}, then the message")
    async def send(peer, talk):
        await peer.control(flags, seq=peer.next + place, ip=around, **fields)
        await peer.at(0, talk.message)

    return send


for _name in NOT_TAKEN:
    _register(_name)


@sending("rst-mid-message", "a RST with a small TTL between the halves of the message")
async def rst_mid(peer, talk):
    message, middle = talk.message, len(talk.message) // 2
    await peer.at(0, message[:middle])
    await peer.control(wire.RST, seq=peer.next + middle, ip={"ttl": 1})
    await peer.at(middle, message[middle:])


@sending("rst-spoofed", "a RST in the server's name, from the client's side, with a small TTL")
async def rst_spoofed(peer, talk):
    ends = (peer.server, peer.address, peer.server_port, peer.port)
    await peer.put(wire.tcp(ends, peer.ack, peer.next, wire.RST | wire.ACK), ends=ends, ttl=1)
    await peer.at(0, talk.message)


@sending("fin-both-spoofed", "FINs of both sides from the client's side, with a small TTL")
async def fin_both(peer, talk):
    ends = (peer.server, peer.address, peer.server_port, peer.port)
    await peer.control(wire.FIN | wire.ACK, ip={"ttl": 1})
    await peer.put(wire.tcp(ends, peer.ack, peer.next + 1, wire.FIN | wire.ACK), ends=ends, ttl=1)
    await peer.at(0, talk.message)


async def reuse(peer, talk, end, ahead):
    """A first, harmless connection with the same ports is ended; the next begins `ahead` of where it was."""
    await peer.connect()
    await peer.say(talk.decoy(60))
    await peer.settle()
    await end()
    await peer.settle()
    start = peer.next + ahead
    peer.irs = 0
    peer.acked, peer.reset = None, False
    talk.forget_read()
    await peer.connect(seq=start & wire.MASK, options=MSS)
    await talk.opening(peer)
    await peer.say(talk.message)


@technique("port-reuse-higher", "the ports of a connection that was reset, a higher initial sequence number")
async def reuse_higher(peer, talk):
    await reuse(peer, talk, lambda: peer.control(wire.RST), 1_000_000)


@technique("port-reuse-lower", "the ports of a connection that was reset, a lower initial sequence number")
async def reuse_lower(peer, talk):
    await reuse(peer, talk, lambda: peer.control(wire.RST), -5000)


@technique(
    "port-reuse-near",
    "the ports of a connection that was reset, an initial sequence number within its data",
)
async def reuse_near(peer, talk):
    await reuse(peer, talk, lambda: peer.control(wire.RST), -40)


@technique("port-reuse-unseen", "the same, and the wire saw nothing of the reset", boxed=True)
async def reuse_unseen(peer, talk):
    async def end():
        peer.bypass = True
        await peer.control(wire.RST)
        peer.bypass = False

    await reuse(peer, talk, end, -40)

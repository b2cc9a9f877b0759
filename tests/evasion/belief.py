"""Techniques that mislead the appliance about a connection: by packets that the receiver never sees, or by packets that
it takes although they look as if it would not.
"""

import wire
from decoys import FAR
from technique import sending


async def in_servers_name(peer, flags, ack, window=64240, **fields):
    """A segment in the server's name, from the client's side; it dies at the next hop."""
    ends = (peer.server, peer.address, peer.server_port, peer.port)
    seq = fields.pop("seq", peer.ack)
    await peer.put(wire.tcp(ends, seq, ack, flags, window=window, **fields), ends=ends, ttl=1)


@sending("ack-spoofed-ahead", "an acknowledgement of the message before it is sent, in the server's name")
async def ack_ahead(peer, talk):
    await in_servers_name(peer, wire.ACK, peer.next + len(talk.message))
    await peer.at(0, talk.message)


@sending("ack-spoofed-far", "an acknowledgement far ahead, in the server's name")
async def ack_far(peer, talk):
    await in_servers_name(peer, wire.ACK, peer.next + FAR)
    await peer.at(0, talk.message)


@sending("window-spoofed-shut", "a window of zero, in the server's name")
async def window_shut(peer, talk):
    await in_servers_name(peer, wire.ACK, peer.next, window=0)
    await peer.at(0, talk.message)


@sending("ack-spoofed-old", "an acknowledgement and a window from before, in the server's name")
async def ack_old(peer, talk):
    await in_servers_name(peer, wire.ACK, peer.next - FAR, window=100)
    await peer.at(0, talk.message)


@sending(
    "stamp-decoy-future",
    "a decoy with a time stamp from the future dies on the way; the message has a true one",
    stamps=True,
)
async def stamp_future(peer, talk):
    await peer.at(0, b"", ip={"ttl": 1}, ago=-(1 << 30))
    await peer.at(-1, b"#", ip={"ttl": 1}, ago=-(1 << 30))
    await peer.at(0, talk.message)


@sending("stamp-decoy-checksum", "the same, with a wrong checksum", stamps=True)
async def stamp_future_checksum(peer, talk):
    await peer.at(0, talk.decoy(len(talk.message)), bad_checksum=True, ago=-(1 << 30))
    await peer.at(0, talk.message)


@sending("stamp-left-out", "time stamps were agreed on, the message has none: Linux takes it", stamps=True)
async def stamp_left_out(peer, talk):
    await peer.at(0, talk.message, options=b"")


@sending("stamp-same", "all segments have the same time stamp, the last one first", stamps=True)
async def stamp_same(peer, talk):
    middle = len(talk.message) // 2
    await peer.at(middle, talk.message[middle:])
    await peer.at(0, talk.message[:middle])


@sending(
    "ack-old-taken",
    "segments that acknowledge what is long gone: Linux takes them where all else is in order",
    lead=True,
)
async def ack_old_taken(peer, talk):
    await peer.say(talk.decoy(40))
    await peer.settle()
    await peer.at(0, talk.message, ack=peer.ack - FAR)


@sending("ack-old-near", "segments that acknowledge a little less than was acknowledged")
async def ack_old_near(peer, talk):
    await peer.at(0, talk.message, ack=peer.ack - 1)


@sending("unknown-options", "unknown options, and a window of one byte")
async def unknown_options(peer, talk):
    await peer.at(0, talk.message, options=b"\xfd\x0c" + bytes(10) + b"\x01\x01\x01\x01", window=1)


@sending("reserved-flags", "ECE and CWR set, and the bytes of the message one by one")
async def reserved_flags(peer, talk):
    for at in range(len(talk.message)):
        await peer.at(at, talk.message[at : at + 1], flags=wire.ACK | wire.ECE | wire.CWR)

"""Techniques: how a connection opens, and what the wire saw of it."""

import wire
from peer import MSS
from technique import pieces, technique

TFO_COOKIE = b"\x22\x0a" + bytes(range(8))  # RFC 7413; the server does not ask for a valid one
OTHER = 77_000_000  # distance of a decoy's sequence numbers


async def finish(peer, talk):
    """Dialogue and message, plain."""
    await talk.opening(peer)
    await peer.say(talk.message)


@technique(
    "syn-data-decoy",
    "other bytes in the SYN, which the receiver does not take; then the message",
    contradicts=True,
)
async def syn_data_decoy(peer, talk):
    await peer.connect(data=talk.decoy(min(len(talk.message), 800)))
    await finish(peer, talk)


@technique(
    "syn-data-same",
    "the message in the SYN, which the receiver does not take; then again",
    first=True,
)
async def syn_data_same(peer, talk):
    await peer.connect(data=talk.message)
    await peer.say(talk.message)


@technique("fast-open", "the message in the SYN of TCP Fast Open", server="fastopen", first=True)
async def fast_open(peer, talk):
    await peer.put(wire.tcp(peer.ends, peer.iss, 0, wire.SYN, talk.message, options=MSS + b"\x01\x01" + TFO_COOKIE))
    await peer.opened(consumed=len(talk.message))


@technique("fast-open-half", "half of the message in the SYN of TCP Fast Open", server="fastopen", first=True)
async def fast_open_half(peer, talk):
    middle = len(talk.message) // 2
    data = talk.message[:middle]
    await peer.put(wire.tcp(peer.ends, peer.iss, 0, wire.SYN, data, options=MSS + b"\x01\x01" + TFO_COOKIE))
    await peer.opened(consumed=middle)
    await peer.say(talk.message[middle:])


@technique(
    "fast-open-decoy",
    "half of the message in the SYN, then other bytes for it, then the rest",
    server="fastopen",
    first=True,
    contradicts=True,
)
async def fast_open_decoy(peer, talk):
    middle = len(talk.message) // 2
    data = talk.message[:middle]
    await peer.put(wire.tcp(peer.ends, peer.iss, 0, wire.SYN, data, options=MSS + b"\x01\x01" + TFO_COOKIE))
    await peer.opened(consumed=middle)
    await peer.at(-middle, talk.decoy(middle))
    await peer.say(talk.message[middle:])


@technique("ack-with-data", "the handshake's last segment has the message", first=True)
async def ack_with_data(peer, talk):
    await peer.put(wire.tcp(peer.ends, peer.iss, 0, wire.SYN, options=MSS))
    await peer.until(lambda: peer.irs, "no SYN-ACK")
    peer.next = peer.iss + 1
    await peer.say(talk.message)


@technique("syn-decoy-before", "a SYN with another sequence number dies on the way, before the true one")
async def syn_decoy_before(peer, talk):
    await peer.control(wire.SYN, seq=peer.iss + OTHER, ip={"ttl": 1}, options=MSS)
    await peer.connect()
    await finish(peer, talk)


@technique("syn-decoy-after", "a SYN with another sequence number dies on the way, behind the true one")
async def syn_decoy_after(peer, talk):
    await peer.put(wire.tcp(peer.ends, peer.iss, 0, wire.SYN, options=MSS))
    await peer.control(wire.SYN, seq=peer.iss + OTHER, ip={"ttl": 1}, options=MSS)
    await peer.opened()
    await finish(peer, talk)


@technique(
    "syn-decoy-between",
    "a SYN with another sequence number dies on the way, behind the SYN-ACK and before the last ACK",
)
async def syn_decoy_between(peer, talk):
    await peer.put(wire.tcp(peer.ends, peer.iss, 0, wire.SYN, options=MSS))
    await peer.until(lambda: peer.irs, "no SYN-ACK")
    await peer.control(wire.SYN, seq=peer.iss + OTHER, ip={"ttl": 1}, options=MSS)
    await peer.settle()
    await peer.opened()
    await finish(peer, talk)


@technique(
    "syn-decoy-established",
    "a SYN with another sequence number dies on the way, once the connection stands",
)
async def syn_decoy_established(peer, talk):
    await peer.connect()
    await talk.opening(peer)
    await peer.control(wire.SYN, seq=peer.iss + OTHER, ip={"ttl": 1}, options=MSS)
    await peer.say(talk.message)


@technique(
    "syn-decoy-checksum",
    "a SYN with another sequence number and a wrong checksum, once the connection stands",
)
async def syn_decoy_checksum(peer, talk):
    await peer.connect()
    await talk.opening(peer)
    await peer.control(wire.SYN, seq=peer.iss + OTHER, options=MSS, bad_checksum=True)
    await peer.say(talk.message)


@technique("syn-other-arrives", "a SYN with another sequence number arrives, once the connection stands")
async def syn_other(peer, talk):
    await peer.connect()
    await talk.opening(peer)
    await peer.control(wire.SYN, seq=peer.iss + OTHER, options=MSS)
    await peer.say(talk.message)


@technique("syn-ack-from-client", "the client sends a SYN-ACK of its own, as if it were the server")
async def syn_ack_from_client(peer, talk):
    await peer.connect()
    await peer.control(wire.SYN | wire.ACK, seq=peer.iss + OTHER, options=MSS, ip={"ttl": 1})
    await finish(peer, talk)


@technique("syn-ack-spoofed", "a SYN-ACK in the server's name with other numbers, from the client's side")
async def syn_ack_spoofed(peer, talk):
    ends = (peer.server, peer.address, peer.server_port, peer.port)
    await peer.put(wire.tcp(peer.ends, peer.iss, 0, wire.SYN, options=MSS))
    await peer.put(wire.tcp(ends, OTHER, peer.iss + OTHER, wire.SYN | wire.ACK, options=MSS), ends=ends, ttl=1)
    await peer.opened()
    await finish(peer, talk)


@technique("simultaneous-open", "both sides send a SYN")
async def simultaneous(peer, talk):
    talk.connect_from_server()
    await peer.until(lambda: peer.irs, "no SYN of the server")
    await peer.put(wire.tcp(peer.ends, peer.iss, 0, wire.SYN, options=MSS))
    await peer.until(lambda: peer.acked == peer.iss + 1, "no SYN-ACK")
    peer.next = peer.iss + 1
    await peer.control(wire.ACK)
    await finish(peer, talk)


@technique("split-handshake", "the server's SYN is answered by a bare ACK, and then by a SYN")
async def split_handshake(peer, talk):
    talk.connect_from_server()
    await peer.until(lambda: peer.irs, "no SYN of the server")
    await peer.put(wire.tcp(peer.ends, peer.iss, peer.ack, wire.ACK))
    await peer.put(wire.tcp(peer.ends, peer.iss, 0, wire.SYN, options=MSS))
    await peer.until(lambda: peer.acked == peer.iss + 1, "no SYN-ACK")
    peer.next = peer.iss + 1
    await peer.control(wire.ACK)
    await finish(peer, talk)


@technique("server-connects", "the connection is opened by the pool, and the miner talks first")
async def server_connects(peer, talk):
    talk.connect_from_server()
    await peer.until(lambda: peer.irs, "no SYN of the server")
    await peer.put(wire.tcp(peer.ends, peer.iss, peer.ack, wire.SYN | wire.ACK, options=MSS))
    await peer.until(lambda: peer.acked == peer.iss + 1, "no ACK")
    peer.next = peer.iss + 1
    await finish(peer, talk)


async def around(peer, talk):
    """Opens the connection, and has the dialogue, where the wire does not see it."""
    peer.bypass = True
    peer.stage.end.aside[peer.address] = peer.take
    await peer.connect()
    await talk.opening(peer)
    peer.bypass = False
    del peer.stage.end.aside[peer.address]


@technique("mid-stream", "the wire sees nothing of the connection but the message", boxed=True)
async def mid_stream(peer, talk):
    await around(peer, talk)
    await peer.say(talk.message)


@technique("mid-stream-one-byte", "the same, one byte in each segment", boxed=True)
async def mid_stream_bytes(peer, talk):
    await around(peer, talk)
    for at, data in pieces(talk.message, 1):
        await peer.at(at, data)


@technique("mid-stream-reversed", "the same, segments of 9 bytes, the last one first", boxed=True)
async def mid_stream_reversed(peer, talk):
    await around(peer, talk)
    for at, data in reversed(pieces(talk.message, 9)):
        await peer.at(at, data)


@technique("mid-stream-decoy", "the same, behind a decoy with a small TTL", boxed=True, contradicts=True)
async def mid_stream_decoy(peer, talk):
    await around(peer, talk)
    await peer.at(0, talk.decoy(len(talk.message)), ip={"ttl": 1})
    await peer.at(0, talk.message)


@technique("mid-stream-keep-alive", "the same, behind a keep-alive with a garbage byte", boxed=True)
async def mid_stream_keep_alive(peer, talk):
    await around(peer, talk)
    await peer.at(-1, b"#")
    await peer.at(0, talk.message)


@technique("sequence-wrap", "sequence numbers pass zero within the message")
async def wrap(peer, talk):
    await peer.connect(seq=(1 << 32) - 1 - talk.before - len(talk.message) // 2)
    await finish(peer, talk)


@technique("sequence-wrap-reversed", "the same, segments of 5 bytes, the last one first")
async def wrap_reversed(peer, talk):
    await peer.connect(seq=(1 << 32) - 1 - talk.before - len(talk.message) // 2)
    await talk.opening(peer)
    for at, data in reversed(pieces(talk.message, 5)):
        await peer.at(at, data)

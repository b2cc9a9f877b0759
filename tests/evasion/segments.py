"""Techniques: how the bytes of a message are cut into segments, in which order they go, and what overlaps."""

import asyncio

import wire
from technique import pieces, sending, shuffled


@sending("whole", "one segment")
async def whole(peer, talk):
    await peer.say(talk.message)


@sending("halves", "two segments")
async def halves(peer, talk):
    middle = len(talk.message) // 2
    await peer.at(0, talk.message[:middle])
    await peer.at(middle, talk.message[middle:])


@sending("one-byte", "one byte in each segment")
async def one_byte(peer, talk):
    for at, data in pieces(talk.message, 1):
        await peer.at(at, data)


@sending("reversed", "segments of 9 bytes, the last one first")
async def reverse(peer, talk):
    for at, data in reversed(pieces(talk.message, 9)):
        await peer.at(at, data)


@sending("reversed-one-byte", "one byte in each segment, the last one first")
async def reverse_bytes(peer, talk):
    for at, data in reversed(pieces(talk.message, 1)):
        await peer.at(at, data)


@sending("shuffled", "segments of 7 bytes in a random order")
async def shuffle(peer, talk):
    for at, data in shuffled(pieces(talk.message, 7), peer.random):
        await peer.at(at, data)


@sending("duplicated", "every segment twice, in a random order")
async def duplicate(peer, talk):
    for at, data in shuffled(pieces(talk.message, 11) * 2, peer.random):
        await peer.at(at, data)


@sending("evens-then-odds", "every other segment of 3 bytes first: many holes")
async def evens_then_odds(peer, talk):
    dealt = pieces(talk.message, 3)
    for at, data in dealt[1::2] + dealt[0::2]:
        await peer.at(at, data)


@sending("hole-then-40k", "the first byte comes last, behind 40 KB of what follows the message")
async def hole_then_much(peer, talk):
    stream = talk.message + talk.decoy(40_000)
    for at, data in pieces(stream[1:], 1000):
        await peer.at(at + 1, data)
    await peer.at(0, stream[:1])


@sending("pause", "two seconds between two halves")
async def pause(peer, talk):
    middle = len(talk.message) // 2
    await peer.at(0, talk.message[:middle])
    await asyncio.sleep(2)
    await peer.at(middle, talk.message[middle:])


@sending("overlap-same", "segments of 12 bytes, each repeats 6 of the one before")
async def overlap_same(peer, talk):
    for at in range(0, len(talk.message), 6):
        await peer.at(at, talk.message[at : at + 12])


@sending("overlap-ahead-same", "out of order, overlapping, equal bytes")
async def overlap_ahead(peer, talk):
    for at in reversed(range(0, len(talk.message), 5)):
        await peer.at(at, talk.message[at : at + 13])


@sending(
    "overlap-left-new",
    "the second segment brings other bytes for what was delivered, then new bytes",
    contradicts=True,
)
async def overlap_left(peer, talk):
    message, middle = talk.message, len(talk.message) // 2
    await peer.at(0, message[:middle])
    await peer.settle()
    await peer.at(0, talk.decoy(middle) + message[middle:])


@sending(
    "overlap-partial-new",
    "the second segment begins ten bytes back, with other bytes there",
    contradicts=True,
)
async def overlap_partial(peer, talk):
    message, middle = talk.message, len(talk.message) // 2
    await peer.at(0, message[:middle])
    await peer.settle()
    await peer.at(middle - 10, talk.decoy(10) + message[middle:])


@sending(
    "overlap-exact-new",
    "a delivered first half comes again with other bytes, then the second half",
    contradicts=True,
)
async def overlap_exact(peer, talk):
    message, middle = talk.message, len(talk.message) // 2
    await peer.at(0, message[:middle])
    await peer.settle()
    await peer.at(0, talk.decoy(middle))
    await peer.at(middle, message[middle:])


@sending(
    "ahead-real-then-decoy",
    "behind a hole: the message's bytes, other bytes at the same place, then the hole is filled",
    contradicts=True,
)
async def ahead_real_first(peer, talk):
    message = talk.message
    await peer.at(8, message[8:])
    await peer.at(8, talk.decoy(len(message) - 8))
    await peer.at(0, message[:8])


@sending(
    "ahead-decoy-then-longer",
    "behind a hole: other bytes, then a longer segment at the same place, which Linux prefers",
    contradicts=True,
)
async def ahead_decoy_first(peer, talk):
    message, some = talk.message, len(talk.message) // 2
    await peer.at(8, talk.decoy(some))
    await peer.at(8, message[8:])
    await peer.at(0, message[:8])


@sending(
    "ahead-decoy-inside",
    "behind a hole: other bytes in the middle, then a segment that covers them, then the hole",
    contradicts=True,
)
async def ahead_decoy_inside(peer, talk):
    message = talk.message
    await peer.at(14, talk.decoy(10))
    await peer.at(8, message[8:])
    await peer.at(0, message[:8])


@sending(
    "ahead-decoy-right",
    "behind a hole: a segment, one that overlaps its end with other bytes, then the hole",
    contradicts=True,
)
async def ahead_decoy_right(peer, talk):
    message = talk.message
    await peer.at(8, message[8:30])
    await peer.at(20, talk.decoy(10) + message[30:])
    await peer.at(0, message[:8])


@sending(
    "ahead-decoy-left",
    "behind a hole: a segment with other bytes at its start, one before it that covers them",
    contradicts=True,
)
async def ahead_decoy_left(peer, talk):
    message = talk.message
    await peer.at(20, talk.decoy(6) + message[26:])
    await peer.at(8, message[8:26])
    await peer.at(0, message[:8])


@sending(
    "cover-hole",
    "other bytes behind a hole; then the whole message in order, of which Linux takes all",
    contradicts=True,
)
async def cover_hole(peer, talk):
    message = talk.message
    await peer.at(8, talk.decoy(len(message) - 8))
    await peer.at(0, message)


@sending("keep-alive", "a keep-alive with a garbage byte before the message and between its halves")
async def keep_alive(peer, talk):
    message, middle = talk.message, len(talk.message) // 2
    await peer.at(-1, b"#")
    await peer.at(0, message[:middle])
    await peer.settle()
    await peer.at(middle - 1, b"#")
    await peer.at(middle, message[middle:])


@sending("no-push", "the PSH flag never set, window and reserved bits odd")
async def no_push(peer, talk):
    for at, data in pieces(talk.message, 20):
        await peer.at(at, data, flags=wire.ACK | wire.ECE | wire.CWR, window=1)


@sending("fin-with-data", "the last segment has the FIN flag")
async def fin_with_data(peer, talk):
    message, middle = talk.message, len(talk.message) // 2
    await peer.at(0, message[:middle])
    await peer.at(middle, message[middle:], flags=wire.ACK | wire.FIN)


@sending("fin-ahead", "the FIN comes before the bytes in front of it")
async def fin_ahead(peer, talk):
    message = talk.message
    await peer.control(wire.ACK | wire.FIN, seq=peer.next + len(message))
    await peer.at(0, message)


@sending("padding", "each frame has bytes behind the IP packet")
async def padding(peer, talk):
    for at, data in pieces(talk.message, 16):
        await peer.put(peer.segment(peer.next + at, data), trailer=b"#{garbage behind the packet}#")


@sending("padding-continues", "bytes behind the IP packet look like what follows; the real bytes come next")
async def padding_continues(peer, talk):
    message, middle = talk.message, len(talk.message) // 2
    middle = min(middle, 800)
    await peer.put(peer.segment(peer.next, message[:middle]), trailer=talk.decoy(min(len(message) - middle, 400)))
    await peer.at(middle, message[middle:])


URGENT_AT = 12


@sending("urgent-skipped", "a byte too many, marked urgent, which the receiver takes out of the stream")
async def urgent_skipped(peer, talk):
    message = talk.message[:URGENT_AT] + b"#" + talk.message[URGENT_AT:]
    await peer.at(0, message, flags=wire.ACK | wire.PSH | wire.URG, urgent=URGENT_AT + 1)


@sending("urgent-next-segment", "the urgent byte is in the segment after the one that announces it")
async def urgent_next(peer, talk):
    message = talk.message[:URGENT_AT] + b"#" + talk.message[URGENT_AT:]
    await peer.at(0, message[: URGENT_AT - 2], flags=wire.ACK | wire.URG, urgent=URGENT_AT + 1)
    await peer.at(URGENT_AT - 2, message[URGENT_AT - 2 :])


@sending(
    "urgent-inline",
    "a byte of the message is marked urgent, and the receiver reads it in line",
    server="inline",
)
async def urgent_inline(peer, talk):
    await peer.at(0, talk.message, flags=wire.ACK | wire.PSH | wire.URG, urgent=URGENT_AT + 1)


@sending("urgent-beyond", "an urgent pointer beyond all data")
async def urgent_beyond(peer, talk):
    await peer.at(0, talk.message, flags=wire.ACK | wire.PSH | wire.URG, urgent=50_000)

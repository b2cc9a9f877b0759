"""Second copies of bytes, and segments that a receiver discards: the pool's application reads the judged bytes, or
nothing.
"""

import struct

from harness.messages import SUBSCRIBE, line
from harness.registry import case, cases

HARMLESS = line("server.features", ["a" * 60])
NOISE = bytes((7 * at + 3) & 255 for at in range(90))


def stamp(value, echo=0):
    """The timestamps option (RFC 7323), with padding."""
    return b"\x01\x01\x08\x0a" + struct.pack(">II", value, echo)


def overlap(c, first, second, seq):
    """Two segments for the same bytes, neither acknowledged."""
    a = c.segment("client", first, flags="PA", seq=seq)
    b = c.segment("client", second, flags="PA", seq=seq)
    return a, b


@case
def second_copy_with_other_bytes_is_dropped(t):
    """The receiver may keep either: it gets the one that was judged."""
    c = t.tcp()
    start = c.next["client"]
    _, other = overlap(c, b"x" * len(SUBSCRIBE), SUBSCRIBE, start)
    c.next["client"] = start + len(SUBSCRIBE)
    c.segment("server")
    c.client(b"more")
    r = t.replay()
    r.dropped(other, reason="stream_conflict")
    r.passed(c)


@case
def second_copy_behind_a_hole_is_dropped(t):
    """Linux keeps the first copy, others the second: only one of them may arrive."""
    c = t.tcp()
    start = c.next["client"]
    tail = SUBSCRIBE[10:]
    c.segment("client", b"x" * len(tail), flags="PA", seq=start + 10)
    other = c.segment("client", tail, flags="PA", seq=start + 10)
    c.segment("client", SUBSCRIBE[:10], flags="PA", seq=start)
    c.next["client"] = start + len(SUBSCRIBE)
    c.segment("server")
    r = t.replay()
    r.dropped(other, reason="stream_conflict")
    r.passed(c)


@case
def first_copy_is_the_mining_one(t):
    c = t.tcp()
    start = c.next["client"]
    tail = SUBSCRIBE[10:]
    c.segment("client", tail, flags="PA", seq=start + 10)
    other = c.segment("client", b"x" * len(tail), flags="PA", seq=start + 10)
    cut = c.segment("client", SUBSCRIBE[:10], flags="PA", seq=start)
    r = t.replay()
    r.dropped(other, reason="stream_conflict")
    r.blocked(c, at=cut, before=[other])


@cases(begins_before=(0, 30), ends_behind=(15, 45), inside=(12, 18), around=(5, 50))
def overlapping_piece_with_other_bytes(t, borders):
    """A segment that agrees with the held bytes is taken; one that differs is dropped whole."""
    begin, end = borders
    c = t.tcp()
    start = c.next["client"]
    c.segment("client", SUBSCRIBE[10:25], flags="PA", seq=start + 10)
    wrong = bytes(byte ^ 1 for byte in SUBSCRIBE[begin:end])
    other = c.segment("client", wrong, flags="PA", seq=start + begin)
    c.segment("client", SUBSCRIBE[:10], flags="PA", seq=start)
    cut = c.segment("client", SUBSCRIBE[25:], flags="PA", seq=start + 25)
    r = t.replay()
    r.dropped(other, reason="stream_conflict")
    r.blocked(c, at=cut, before=[other])


@cases(begins_before=(0, 30), ends_behind=(15, 45), inside=(12, 18), around=(5, 50))
def overlapping_piece_with_the_same_bytes(t, borders):
    begin, end = borders
    c = t.tcp()
    start = c.next["client"]
    c.segment("client", SUBSCRIBE[10:25], flags="PA", seq=start + 10)
    c.segment("client", SUBSCRIBE[begin:end], flags="PA", seq=start + begin)
    c.segment("client", SUBSCRIBE[:10], flags="PA", seq=start)
    c.segment("client", SUBSCRIBE[25:], flags="PA", seq=start + 25)
    t.replay().blocked(c)


@case
def retransmission_with_other_bytes(t):
    """Unacknowledged, and different: dropped. The same bytes again: they pass."""
    c = t.tcp()
    first = c.segment("client", HARMLESS, flags="PA")
    other = c.segment("client", SUBSCRIBE.ljust(len(HARMLESS)), flags="PA", seq=first.seq)
    again = c.segment("client", HARMLESS, flags="PA", seq=first.seq)
    c.segment("server")
    r = t.replay()
    r.dropped(other, reason="stream_conflict")
    r.passed(c)
    assert again is not other


@case
def acknowledged_bytes_may_come_again_as_others(t):
    """The receiver has them and discards any second copy, for example keep-alives with a wrong byte."""
    c = t.tcp()
    first, *_ = c.client(HARMLESS)
    c.segment("client", NOISE[: len(HARMLESS)], flags="PA", seq=first.seq, discarded=True)
    c.client(HARMLESS)
    t.replay().passed(c)


@case
def keep_alive_probes(t):
    """One byte before the next one, right and wrong."""
    c = t.tcp()
    c.client(HARMLESS)
    for data in (b"", b"\0", b"x"):
        t.wait(60)
        c.segment("client", data, seq=c.next["client"] - 1, discarded=True)
        c.segment("server")
    (cut,) = c.client(SUBSCRIBE)
    t.replay().blocked(c, at=cut)


@case
def repacketised_retransmission(t):
    """Three segments are sent again as one, and one as three."""
    c = t.tcp()
    start = c.next["client"]
    parts = [line("a", [1]), line("b", [2]), line("c", [3])]
    for part in parts:
        c.segment("client", part, flags="PA")
    c.segment("client", b"".join(parts), flags="PA", seq=start)
    whole = b"".join(parts)
    for at in range(0, len(whole), 20):
        c.segment("client", whole[at : at + 20], flags="PA", seq=start + at)
    (cut,) = c.client(SUBSCRIBE)
    t.replay().blocked(c, at=cut)


DECOYS = {
    "bad_checksum": {"bad_checksum": True},
    "without_ack": {"flags": "P", "ack": 0, "discarded": True},
    "with_reset_and_a_wrong_number": {"flags": "PRA", "seq": 77, "discarded": True},
}


@cases(**DECOYS)
def decoy_in_place_of_the_message(t, options):
    """Bytes that no receiver takes come in the place of the message."""
    c = t.tcp()
    start = c.next["client"]
    options = {"flags": "PA", "seq": start, **options}
    seq = options.pop("seq")
    c.segment("client", b"G" * len(SUBSCRIBE), seq=start if seq == start else start + seq, **options)
    c.next["client"] = start
    c.client(SUBSCRIBE)
    t.replay().blocked(c, mining={"dialect": "stratum-v1"})


@case
def decoy_beyond_the_window(t):
    c = t.tcp()
    c.client(HARMLESS)
    c.segment("client", NOISE, flags="PA", seq=c.next["client"] + 900_000, discarded=True)
    c.segment("client", NOISE, flags="PA", seq=c.next["client"] + 100_000_000, discarded=True)
    c.segment("client", NOISE, flags="PA", seq=c.next["client"] - 900_000, discarded=True)
    (cut,) = c.client(SUBSCRIBE)
    t.replay().blocked(c, at=cut)


@case
def stale_timestamp_decoy(t):
    """PAWS: the receiver has taken a newer one."""
    c = t.tcp(handshake=False)
    mss = bytes.fromhex("020405b4")
    c.segment("client", flags="S", options=mss + stamp(1000))
    c.segment("server", flags="SA", options=mss + stamp(5000, 1000))
    c.segment("client", options=stamp(1001, 5000))
    c.segment("client", HARMLESS, flags="PA", options=stamp(1002, 5000))
    c.segment("server", options=stamp(5001, 1002))
    start = c.next["client"]
    c.segment("client", b"G" * len(SUBSCRIBE), flags="PA", options=stamp(500, 5001), seq=start, discarded=True)
    cut = c.segment("client", SUBSCRIBE, flags="PA", options=stamp(1003, 5001))
    t.replay().blocked(c, at=cut)


ENDS = {
    "rst_far": ("R", 400_000_000),
    "rst_in_the_window": ("R", 5000),
    "rst_behind": ("R", -1000),
    "rst_ack_far": ("RA", 300_000_000),
    "fin_far": ("FA", 400_000_000),
    "fin_behind": ("FA", -5000),
    "syn_inside": ("S", 70_000),
    "syn_far": ("S", 500_000_000),
}


@cases(**ENDS)
def end_that_the_receiver_does_not_believe(t, what):
    """The connection continues, and so does its inspection."""
    flags, distance = what
    c = t.tcp()
    c.client(HARMLESS)
    c.segment("client", flags=flags, seq=c.next["client"] + distance, discarded=True)
    c.client(SUBSCRIBE[:25])
    c.client(SUBSCRIBE[25:])
    t.replay().blocked(c)


@case
def bad_checksum_reset_and_fin(t):
    c = t.tcp()
    c.client(HARMLESS)
    c.segment("client", flags="RA", bad_checksum=True)
    c.segment("client", flags="FA", bad_checksum=True)
    (cut,) = c.client(SUBSCRIBE)
    t.replay().blocked(c, at=cut)

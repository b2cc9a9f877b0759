"""TCP as its receiver reads it: whatever order, copies and decoys, the pool never gets a complete request."""

import itertools
import struct

from harness.messages import AUTHORIZE, ETH_LOGIN, FIRST, LOGIN, NOTIFY, SUBMIT, SUBSCRIBE, line
from harness.registry import case, cases

DIALECTS = {name.replace("-", "_"): (name, message) for name, message in FIRST.items()}
ORDERS = {"".join(map(str, order)): order for order in itertools.permutations(range(3)) if order != (0, 1, 2)}
HARMLESS = line("server.features", ["a" * 60])
NOISE = bytes((7 * at + 3) & 255 for at in range(90))


def stamp(value, echo=0):
    """The timestamps option (RFC 7323), with padding."""
    return b"\x01\x01\x08\x0a" + struct.pack(">II", value, echo)


@cases(**ORDERS)
def three_pieces_in_order(t, order):
    """The piece that fills the last hole stays here."""
    flows = []
    for message in (SUBSCRIBE, LOGIN, ETH_LOGIN):
        c = t.tcp()
        frames = c.pieces("client", message, [20, 40], order)
        flows.append((c, frames[-1]))
    r = t.replay()
    for c, cut in flows:
        r.blocked(c, at=cut)


@cases(**DIALECTS)
def every_cut_reversed(t, dialect):
    name, message = dialect
    flows = []
    for cut in range(1, len(message) - 1):
        c = t.tcp(client=f"10.30.{cut // 200}.{cut % 200 + 1}")
        frames = c.pieces("client", message, [cut], [1, 0])
        flows.append((c, frames[-1]))
    r = t.replay()
    for c, last in flows:
        r.blocked(c, at=last, mining={"dialect": name})


@cases(**DIALECTS)
def byte_by_byte_backwards(t, dialect):
    name, message = dialect
    c = t.tcp()
    cuts = list(range(1, len(message)))
    frames = c.pieces("client", message, cuts, range(len(cuts), -1, -1))
    t.replay().blocked(c, at=frames[-1], mining={"dialect": name})


@cases(**DIALECTS)
def byte_by_byte_even_then_odd(t, dialect):
    name, message = dialect
    c = t.tcp()
    cuts = list(range(1, len(message)))
    order = [*range(1, len(message), 2), *range(0, len(message), 2)]
    c.pieces("client", message, cuts, order)
    t.replay().blocked(c, mining={"dialect": name})


@cases(**ORDERS)
def pool_side_in_order(t, order):
    c = t.tcp()
    c.client(HARMLESS)
    frames = c.pieces("server", NOTIFY, [30, 80], order)
    t.replay().blocked(c, at=frames[-1], mining={"speaker": "pool"})


@case
def hole_that_is_filled_late(t):
    """Much arrives behind the hole before its first byte does."""
    c = t.tcp()
    start = c.next["client"]
    for at in range(8):
        c.segment("client", line("noise", [at]), flags="PA", seq=start + len(SUBSCRIBE) + at * len(line("noise", [0])))
        c.segment("server")
    t.wait(3)
    cut = c.segment("client", SUBSCRIBE, flags="PA", seq=start)
    t.replay().blocked(c, at=cut)


@case
def many_holes_at_once(t):
    c = t.tcp()
    message = b'{"junk":"' + b"j" * 3000 + b'",' + SUBSCRIBE[1:]
    cuts = list(range(100, len(message), 100))
    order = [*range(len(cuts), 0, -2), *range(len(cuts) - 1, -1, -2)]
    order += [number for number in range(len(cuts) + 1) if number not in order]
    c.pieces("client", message, cuts, order)
    t.replay().blocked(c)


@case
def late_message_out_of_order(t):
    """Not only the first bytes of a connection are put in order."""
    c = t.tcp()
    for number in range(10):
        c.client(line("ping", [number]))
        c.server(b'{"result":true}\n')
    frames = c.pieces("client", AUTHORIZE, [25, 60], [2, 1, 0])
    t.replay().blocked(c, at=frames[-1])


# Copies


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
    """A segment that agrees with what is held is taken, one that does not is dropped whole."""
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
    """The receiver has them: it throws any second copy away, as keep-alives with a byte of rubbish do."""
    c = t.tcp()
    first, *_ = c.client(HARMLESS)
    c.segment("client", NOISE[: len(HARMLESS)], flags="PA", seq=first.seq, discarded=True)
    c.client(HARMLESS)
    t.replay().passed(c)


@case
def keep_alive_probes(t):
    """One byte before the next one, with and without rubbish."""
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


# What the receiver discards


DECOYS = {
    "bad_checksum": {"bad_checksum": True},
    "without_ack": {"flags": "P", "ack": 0, "discarded": True},
    "with_reset_and_a_wrong_number": {"flags": "PRA", "seq": 77, "discarded": True},
}


@cases(**DECOYS)
def decoy_in_place_of_the_message(t, options):
    """Bytes that no receiver takes stand where the message comes."""
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
    """The connection goes on, and so does what is read of it."""
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


# Beginnings


@case
def data_in_the_syn(t):
    """TCP fast open: read with the connection's first bytes."""
    c = t.tcp(handshake=False)
    c.segment("client", SUBSCRIBE[:30], flags="S")
    c.segment("server", flags="SA")
    c.segment("client")
    cut = c.segment("client", SUBSCRIBE[30:], flags="PA")
    t.replay().blocked(c, at=cut)


@case
def whole_message_in_the_syn(t):
    c = t.tcp(handshake=False)
    cut = c.segment("client", SUBSCRIBE, flags="S")
    t.replay().blocked(c, at=cut, server_alive=False)


@case
def syn_sent_again(t):
    c = t.tcp(handshake=False)
    first = c.segment("client", flags="S", options=bytes.fromhex("020405b4"))
    c.segment("client", flags="S", seq=first.seq, options=bytes.fromhex("020405b4"))
    c.segment("server", flags="SA")
    c.segment("client")
    c.client(SUBSCRIBE[:20])
    c.client(SUBSCRIBE[20:])
    t.replay().blocked(c)


@case
def simultaneous_open(t):
    c = t.tcp(handshake=False)
    c.segment("client", flags="S")
    c.segment("server", flags="S", ack=0)
    c.segment("client", flags="SA", seq=c.start["client"])
    c.segment("server", flags="SA", seq=c.start["server"])
    (cut,) = c.client(SUBSCRIBE)
    t.replay().blocked(c, at=cut)


@case
def port_is_used_again_without_a_close(t):
    """The client crashed: its next connection has numbers of its own."""
    first = t.tcp(sport=52400)
    first.client(HARMLESS)
    t.wait(30)
    second = t.tcp(sport=52400)
    (cut,) = second.client(SUBSCRIBE)
    r = t.replay()
    r.passed(first)
    r.blocked(second, at=cut)


@cases(client={"client": 2**32 - 30, "server": 77}, both={"client": 2**32 - 5, "server": 2**32 - 9}, zero={"client": 0, "server": 0})
def numbers_wrap(t, isn):
    flows = []
    for number, order in enumerate(([0, 1, 2], [2, 1, 0], [1, 2, 0])):
        c = t.tcp(client=f"10.30.0.{number + 1}", isn=dict(isn))
        c.pieces("client", SUBSCRIBE, [10, 31], order)
        flows.append(c)
    r = t.replay()
    for c in flows:
        r.blocked(c)


@case
def zero_window_and_probes(t):
    """The pool stops the miner in the middle of a message."""
    c = t.tcp()
    c.client(SUBSCRIBE[:20], acked=False)
    c.segment("server", window=0)
    for seconds in (1, 2, 4):
        t.wait(seconds)
        c.segment("client", seq=c.next["client"] - 1, discarded=True)
        c.segment("server", window=0)
    c.segment("server", window=64240)
    c.client(SUBSCRIBE[20:])
    t.replay().blocked(c)


@case
def urgent_data(t):
    c = t.tcp()
    c.client(SUBSCRIBE[:20])
    c.segment("client", SUBSCRIBE[20:40], flags="PAU")
    c.client(SUBSCRIBE[40:])
    t.replay().blocked(c)


@case
def both_directions_out_of_order(t):
    c = t.tcp()
    c.pieces("client", HARMLESS, [9, 30], [2, 0, 1])
    c.pieces("server", HARMLESS, [9, 30], [1, 2, 0])
    frames = c.pieces("client", SUBSCRIBE, [9, 30], [1, 2, 0])
    t.replay().blocked(c, at=frames[-1])


@case
def behind_a_hole_that_nobody_sees_filled(t):
    """A segment took another way; the receiver says that it has it."""
    c = t.tcp()
    c.client(HARMLESS)
    c.detour("client", NOISE)
    (cut,) = c.client(SUBSCRIBE)
    t.replay().blocked(c, at=cut)


@case
def harmless_in_any_order_passes(t):
    """What a lossy network does to benign connections: all of it leaves, unchanged."""
    flows = []
    for number, order in enumerate(itertools.permutations(range(4))):
        c = t.tcp(client=f"10.30.1.{number + 1}", dport=[80, 443, 5000][number % 3])
        data = b"".join(line("ping", [at, "x" * 30]) for at in range(8))
        c.pieces("client", data, [50, 100, 300], [*order, order[0]])
        c.pieces("server", data, [60, 110, 310], [*reversed(order), order[1]])
        flows.append(c)
    r = t.replay()
    for c in flows:
        r.passed(c)


@case
def binary_with_losses_passes(t):
    c = t.tcp(dport=22)
    data = bytes((at * 131 + at // 7) & 255 for at in range(40000))
    cuts = list(range(1400, len(data), 1400))
    order = [number ^ 1 if number ^ 1 <= len(cuts) else number for number in range(len(cuts) + 1)]
    c.pieces("client", data, cuts, order)
    c.close()
    t.replay().passed(c)


@case
def submit_in_the_middle_out_of_order(t):
    """A connection that was joined late."""
    c = t.tcp(handshake=False)
    c.client(HARMLESS)
    frames = c.pieces("client", SUBMIT, [15, 50], [1, 2, 0])
    t.replay().blocked(c, at=frames[-1])

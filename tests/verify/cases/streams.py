"""TCP as its receiver reads it: with any order, copies and decoys, the pool never gets a complete request."""

import itertools

from harness.messages import AUTHORIZE, ETH_LOGIN, FIRST, LOGIN, NOTIFY, SUBMIT, SUBSCRIBE, line
from harness.registry import case, cases

DIALECTS = {name.replace("-", "_"): (name, message) for name, message in FIRST.items()}
ORDERS = {"".join(map(str, order)): order for order in itertools.permutations(range(3)) if order != (0, 1, 2)}
HARMLESS = line("server.features", ["a" * 60])
NOISE = bytes((7 * at + 3) & 255 for at in range(90))


@cases(**ORDERS)
def three_pieces_in_order(t, order):
    """The piece that fills the last hole is dropped."""
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
    """Order matters for the whole connection, not only for its first bytes."""
    c = t.tcp()
    for number in range(10):
        c.client(line("ping", [number]))
        c.server(b'{"result":true}\n')
    frames = c.pieces("client", AUTHORIZE, [25, 60], [2, 1, 0])
    t.replay().blocked(c, at=frames[-1])


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


@cases(
    client={"client": 2**32 - 30, "server": 77},
    both={"client": 2**32 - 5, "server": 2**32 - 9},
    zero={"client": 0, "server": 0},
)
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
    """A segment took another path; the receiver says that it has it."""
    c = t.tcp()
    c.client(HARMLESS)
    c.detour("client", NOISE)
    (cut,) = c.client(SUBSCRIBE)
    t.replay().blocked(c, at=cut)


@case
def harmless_in_any_order_passes(t):
    """Benign connections on a lossy network: everything leaves, unchanged."""
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
    """A connection that was joined midway."""
    c = t.tcp(handshake=False)
    c.client(HARMLESS)
    frames = c.pieces("client", SUBMIT, [15, 50], [1, 2, 0])
    t.replay().blocked(c, at=frames[-1])

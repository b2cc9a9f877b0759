"""Segmentation must not matter: the pool never gets a complete request, wherever the message is cut."""

from harness.messages import AUTHORIZE, FIRST, LOGIN, SUBSCRIBE
from harness.registry import case, cases

DIALECTS = {name.replace("-", "_"): (name, message) for name, message in FIRST.items()}


@cases(**DIALECTS)
def every_cut_in_two(t, dialect):
    """A flow for every position at which the first message can be cut."""
    name, message = dialect
    flows = []
    for cut in range(1, len(message)):
        c = t.tcp(client=f"10.30.{cut // 200}.{cut % 200 + 1}")
        c.client(message, cuts=[cut])
        flows.append(c)
    r = t.replay()
    for c in flows:
        r.blocked(c, mining={"dialect": name})


@cases(**DIALECTS)
def one_byte_per_segment(t, dialect):
    name, message = dialect
    c = t.tcp()
    c.client(message, size=1)
    t.replay().blocked(c, mining={"dialect": name, "speaker": "miner"})


@cases(**DIALECTS)
def acknowledged_byte_by_byte(t, dialect):
    name, message = dialect
    c = t.tcp()
    for at in range(0, len(message), 7):
        c.client(message[at : at + 7])
    t.replay().blocked(c, mining={"dialect": name})


@case
def pool_side_one_byte_per_segment(t):
    c = t.tcp()
    c.server(b'{"id":null,"method":"mining.set_difficulty","params":[1]}\n', size=1)
    t.replay().blocked(c, mining={"speaker": "pool"})


@case
def second_message_split_behind_an_unknown_one(t):
    c = t.tcp()
    c.client(b'{"id":7,"method":"server.hello","params":[]}\n' + SUBSCRIBE, cuts=[60, 70, 80])
    t.replay().blocked(c, mining={"dialect": "stratum-v1"})


@case
def border_of_messages_inside_a_segment(t):
    c = t.tcp()
    data = SUBSCRIBE + AUTHORIZE
    c.client(data, cuts=[len(SUBSCRIBE) - 1, len(SUBSCRIBE) + 5])
    t.replay().blocked(c)


@case
def message_over_many_full_segments(t):
    """A member of 6,000 bytes comes before the method."""
    c = t.tcp()
    c.client(b'{"junk":"' + b"x" * 6000 + b'",' + LOGIN[1:])
    t.replay().blocked(c, mining={"dialect": "cryptonote"})


@case
def jumbo_segment(t):
    """9,000 bytes in one frame, which spans several buffers."""
    c = t.tcp()
    (cut,) = c.client(b'{"junk":"' + b"x" * 8500 + b'",' + LOGIN[1:], size=8960)
    t.replay().blocked(c, at=cut, mining={"dialect": "cryptonote"})


@case
def message_split_with_pauses(t):
    """Half a request, four minutes of silence, the rest."""
    c = t.tcp()
    c.client(SUBSCRIBE[:30])
    t.wait(240)
    c.client(SUBSCRIBE[30:])
    t.replay().blocked(c)

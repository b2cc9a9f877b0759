"""IP fragments: judged as the packet that they make; the fragment that completes it is dropped."""

import itertools

from harness import dns, fragments, tls
from harness.messages import FIRST, LOGIN, NOTIFY, SUBSCRIBE, line
from harness.registry import cases

ENTRY = {"recognised_by": "name", "list": "pool-names", "list_entry": "nanopool.org"}
QUESTION = dns.query("xmr-eu1.nanopool.org", opt=dns.edns())
OTHER = dns.query("www.example.org", opt=dns.edns())
FAMILIES = {"v4": False, "v6": True}
ORDERS = {"".join(map(str, order)): order for order in itertools.permutations(range(3))}
BOTH = {f"{family}_{order}": (v6, ORDERS[order]) for family, v6 in FAMILIES.items() for order in ORDERS}


def resolver(t, v6=False):
    return t.udp(v6=v6, dport=53)


@cases(**BOTH)
def question_in_three(t, what):
    v6, order = what
    u = resolver(t, v6)
    frames = fragments.client(u, QUESTION, cuts=(16, 32), order=order)
    t.replay().sinkholed(u, frames[-1], **ENTRY)


@cases(**BOTH)
def stratum_in_three(t, what):
    v6, order = what
    c = t.tcp(v6=v6)
    frames = fragments.client(c, SUBSCRIBE, cuts=(24, 48), order=order)
    t.replay().blocked(c, at=frames[-1], mining={"dialect": "stratum-v1"}, before=frames[:-1])


@cases(**FAMILIES)
def every_cut_in_two(t, v6):
    """Each border that fragments can have, in both orders, of each dialect's first message."""
    flows = []
    for message in FIRST.values():
        for at in range(8, len(message) + 20, 8):
            for order in ((0, 1), (1, 0)):
                number = len(flows)
                client = f"2001:db8:30::{number + 1:x}" if v6 else f"10.30.{number // 200}.{number % 200 + 1}"
                c = t.tcp(v6=v6, client=client)
                frames = fragments.client(c, message, cuts=(at,), order=order)
                flows.append((c, frames))
    r = t.replay()
    for c, frames in flows:
        r.blocked(c, at=frames[-1], before=frames[:-1])


@cases(**FAMILIES)
def tiny_first_fragment(t, v6):
    """Eight bytes: TCP's flags are not in it (RFC 1858)."""
    c = t.tcp(v6=v6)
    frames = fragments.client(c, SUBSCRIBE, cuts=(8,))
    t.replay().blocked(c, at=frames[-1], before=frames[:-1])


@cases(**FAMILIES)
def smallest_fragments(t, v6):
    """All fragments have eight bytes."""
    c = t.tcp(v6=v6)
    size = len(SUBSCRIBE) + 20
    frames = fragments.client(c, SUBSCRIBE, cuts=range(8, size, 8))
    t.replay().blocked(c, at=frames[-1], before=frames[:-1])


@cases(**FAMILIES)
def smallest_fragments_backwards(t, v6):
    c = t.tcp(v6=v6)
    cuts = list(range(8, len(SUBSCRIBE) + 20, 8))
    frames = fragments.client(c, SUBSCRIBE, cuts=cuts, order=range(len(cuts), -1, -1))
    t.replay().blocked(c, at=frames[-1], before=frames[:-1])


@cases(**FAMILIES)
def fragment_twice(t, v6):
    """A copy of the same bytes changes nothing."""
    c = t.tcp(v6=v6)
    frames = fragments.client(c, SUBSCRIBE, order=(0, 0, 1, 1, 2))
    t.replay().blocked(c, at=frames[-1], before=frames[:-1])


@cases(**FAMILIES)
def completing_fragment_again(t, v6):
    """Sending the last piece again does not complete a blocked packet."""
    c = t.tcp(v6=v6)
    frames = fragments.client(c, SUBSCRIBE, order=(0, 1, 2, 2, 2), acked=False)
    for again in frames[3:]:
        again.counted = False
    t.replay().blocked(c, at=frames[2], before=frames[:2])


@cases(**FAMILIES)
def message_over_two_datagrams(t, v6):
    """Segments and fragments at once."""
    c = t.tcp(v6=v6)
    fragments.client(c, SUBSCRIBE[:30], cuts=(24, 40))
    frames = fragments.client(c, SUBSCRIBE[30:], cuts=(24,), order=(1, 0))
    t.replay().blocked(c, at=frames[-1], before=[f for f in c.frames if not f.received])


@cases(**FAMILIES)
def pool_side(t, v6):
    c = t.tcp(v6=v6)
    c.client(line("hello", []))
    frames = fragments.server(c, NOTIFY, cuts=(24, 64), order=(2, 0, 1))
    t.replay().blocked(c, at=frames[-1], mining={"speaker": "pool"}, before=frames[:-1])


@cases(**FAMILIES)
def hello_in_fragments(t, v6):
    c = t.tcp(v6=v6, dport=443)
    frames = fragments.client(c, tls.hello("xmr-eu1.nanopool.org"), cuts=(24, 80, 120), order=(3, 1, 2, 0))
    t.replay().blocked(c, at=frames[-1], rule="pool-name", mining=ENTRY, before=frames[:-1])


def conflict(t, v6, first, second, border):
    """The middle piece comes with other bytes before the right one."""
    c = t.tcp(v6=v6)
    body, fields = fragments.body_of(c, "client", first)
    other, _ = fragments.body_of(c, "client", second)
    identity = 0x5000
    out = []
    for source, begin, end in ((body, 0, 24), (body, *border), (other, *border), (body, border[1], None)):
        data = fragments.fragment(c, "client", source, begin, end, identity)
        frame = t.frame(data, c, "client", received=False, **fields)
        c.frames.append(frame)
        out.append(frame)
    return c, out


@cases(**FAMILIES)
def overlap_with_other_bytes_is_dropped(t, v6):
    """Receivers differ in which copy they use: none gets both (RFC 5722)."""
    harmless = SUBSCRIBE.replace(b"mining", b"dining")
    c, frames = conflict(t, v6, harmless, SUBSCRIBE, (24, 64))
    r = t.replay()
    r.dropped(*frames[2:], reason="fragment_conflict")
    r.each(lambda outcome: outcome.check(not outcome.alerts, "an alert"))


@cases(**FAMILIES)
def overlap_with_the_same_bytes(t, v6):
    """IPv6 forbids it, some stacks of IPv4 do it: the reading stays the same."""
    c, frames = conflict(t, v6, SUBSCRIBE, SUBSCRIBE, (24, 64))
    frames[-1].payload, frames[-1].received = SUBSCRIBE, True
    t.replay().blocked(c, at=frames[-1], before=frames[:-1])


@cases(**FAMILIES)
def never_completed(t, v6):
    """The middle one is missing: the others pass, and nothing is judged."""
    c = t.tcp(v6=v6)
    fragments.client(c, SUBSCRIBE, order=(0, 2), acked=False)
    t.wait(60)
    c.next["client"] -= len(SUBSCRIBE)
    c.client(line("hello", []))
    t.replay().passed(c)


HARMLESS = {
    "json": line("ping", ["x" * 1200]),
    "binary": bytes((at * 131 + at // 7) & 255 for at in range(6000)),
    "quoted": b"He wrote: " + LOGIN,
}


@cases(**{f"{name}_{family}": (data, v6) for name, data in HARMLESS.items() for family, v6 in FAMILIES.items()})
def harmless(t, what):
    """All of it leaves, unchanged and in order."""
    data, v6 = what
    flows = []
    for number, order in enumerate(itertools.permutations(range(4))):
        client = f"2001:db8:30::{number + 1:x}" if v6 else f"10.30.0.{number + 1}"
        c = t.tcp(v6=v6, client=client, dport=2000)
        size = min(len(data), 1400) // 5
        fragments.client(c, data[:1400], cuts=(size, size * 2, size * 3), order=order)
        fragments.server(c, data[:1400], cuts=(size, size * 2, size * 3), order=[*order, order[0]])
        u = t.udp(v6=v6, client=client, dport=5000)
        fragments.client(u, data, cuts=(1400, 2800, 4200) if len(data) > 4300 else (8, 16, 24), order=order)
        flows += [c, u]
    r = t.replay()
    for c in flows:
        r.passed(c)


@cases(**FAMILIES)
def harmless_question(t, v6):
    u = resolver(t, v6)
    fragments.client(u, OTHER, cuts=(16, 32), order=(2, 1, 0))
    fragments.server(u, dns.response("www.example.org", opt=dns.edns()), cuts=(16, 32), order=(1, 0, 2))
    t.replay().passed(u, app="dns")


@cases(**FAMILIES)
def two_datagrams_interleaved(t, v6):
    """Their identifications keep them apart."""
    c, d = t.tcp(v6=v6), t.tcp(v6=v6)
    miner, _ = fragments.body_of(c, "client", SUBSCRIBE)
    other, fields = fragments.body_of(d, "client", SUBSCRIBE.replace(b"mining", b"dining"))
    pieces, sent = [(0, 24), (24, 48), (48, None)], []
    for begin, end in pieces:
        for owner, body, identity in ((c, miner, 0x6001), (d, other, 0x6002)):
            data = fragments.fragment(owner, "client", body, begin, end, identity)
            own = fragments.body_of(c, "client", SUBSCRIBE)[1] if owner is c else fields
            last = end is None
            frame = t.frame(data, owner, "client", received=last, payload=SUBSCRIBE if last else b"", **own)
            owner.frames.append(frame)
            sent.append(frame)
    r = t.replay()
    r.blocked(c, at=sent[4], before=[f for f in sent[:4] if f.owner is c])
    r.passed(d)

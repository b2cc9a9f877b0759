"""DNS over TCP: a connection that asks for a pool ends, because a message cannot be taken out of a stream."""

from harness import dns
from harness.registry import case, cases

ENTRY = {"recognised_by": "name", "list": "pool-names", "list_entry": "nanopool.org"}
LISTED = "xmr-eu1.nanopool.org"


def sized(message):
    return len(message).to_bytes(2, "big") + message


def resolver(t, **options):
    return t.tcp(server="10.10.0.53", dport=53, **options)


def cut(r, c, at=None, rule="pool-dns", **mining):
    """Ended with resets to both ends, although the rule says sinkhole."""
    r.blocked(c, at=at, action="reset", rule=rule, mining={**ENTRY, **mining}, app="dns")


@cases(a=dns.A, aaaa=dns.AAAA, https=dns.HTTPS, txt=dns.TXT)
def question_for_a_pool(t, kind):
    c = resolver(t)
    (asked,) = c.client(sized(dns.query(LISTED, kind, opt=dns.edns())))
    r = t.replay(by_itself=True)
    cut(r, c, at=asked)
    told = r.stats["ledger"]["dropped"]
    assert told["policy_reset"] >= 2 and told["policy_sinkhole"] == 0, told


@case
def every_cut_in_two(t):
    message, flows = sized(dns.query(LISTED)), []
    for at in range(1, len(message)):
        c = resolver(t, client=f"10.30.0.{at}")
        c.client(message, cuts=[at])
        flows.append(c)
    r = t.replay()
    for c in flows:
        cut(r, c)


@case
def one_byte_per_segment(t):
    c = resolver(t)
    c.client(sized(dns.query(LISTED)), size=1)
    cut(t.replay(), c)


@case
def second_of_two_pipelined_questions(t):
    c = resolver(t)
    (asked,) = c.client(sized(dns.query("www.example.org", identity=1)) + sized(dns.query(LISTED, identity=2)))
    cut(t.replay(), c, at=asked)


@case
def later_question_of_a_long_connection(t):
    c = resolver(t)
    for number in range(40):
        c.client(sized(dns.query(f"host{number}.example.org", identity=number)))
        c.server(sized(dns.response(f"host{number}.example.org", identity=number)))
    (asked,) = c.client(sized(dns.query(LISTED, identity=99)))
    cut(t.replay(), c, at=asked)


@case
def question_of_mixed_case(t):
    c = resolver(t)
    (asked,) = c.client(sized(dns.query("eTh-Eu1.nANoPool.oRG")))
    cut(t.replay(), c, at=asked)


@case
def over_ipv6(t):
    c = t.tcp(v6=True, dport=53)
    (asked,) = c.client(sized(dns.query(LISTED, dns.AAAA)))
    cut(t.replay(), c, at=asked)


@case
def answer_to_a_question_that_was_not_seen(t):
    """The question took another path, or came before the policy: its answer does not arrive."""
    c = resolver(t)
    c.client(sized(dns.query("www.example.org")))
    (told,) = c.server(sized(dns.response(LISTED)))
    cut(t.replay(), c, at=told)


@case
def browser_miner_host(t):
    c = resolver(t)
    (asked,) = c.client(sized(dns.query("ws001.coinhive.com")))
    t.replay().blocked(
        c,
        at=asked,
        action="reset",
        rule="browser-miner-dns",
        risk=60,
        mining={"list": "browser-miner-names"},
    )


@case
def alias_over_two_segments(t):
    c = resolver(t)
    c.client(sized(dns.query("www.innocent.example")))
    c.server(sized(dns.aliased("www.innocent.example", LISTED)), cuts=[30])
    cut(t.replay(), c)


@cases(
    web="www.example.org",
    ntp="pool.ntp.org",
    suffix_without_border="mynanopool.org",
    name_as_prefix="nanopool.org.example.com",
    exchange="www.coinbase.com",
)
def other_question(t, name):
    c = resolver(t)
    for number in range(5):
        c.client(sized(dns.query(name, identity=number, opt=dns.edns())))
        c.server(sized(dns.response(name, identity=number, opt=dns.edns())))
    c.close()
    t.replay().passed(c, app="dns")


@case
def zone_transfer_passes(t):
    """Long messages, one after another."""
    c = resolver(t)
    c.client(sized(dns.query("example.org", 252)))
    record = b"\xc0\x0c\x00\x10\x00\x01\x00\x00\x01\x2c\x00\x21\x20" + b"nanopool.org is a text here 1234"
    head = dns.response("example.org", 252, data=b"")
    big = head[:6] + (400).to_bytes(2, "big") + head[8:] + record * 400
    for _ in range(3):
        c.server(sized(big))
    c.close()
    t.replay().passed(c, app="dns")


@cases(
    length_zero=b"\0\0" * 30,
    length_beyond=b"\xff\xff" + dns.query("www.example.org"),
    rubbish=bytes((i * 37 + 1) & 255 for i in range(500)),
    half_a_question=sized(dns.query(LISTED)[:20]),
)
def malformed(t, data):
    c = resolver(t)
    c.client(data)
    c.server(sized(dns.response("www.example.org", rcode=1, data=b"")))
    t.replay().passed(c)


@case
def listed_name_behind_an_empty_message(t):
    c = resolver(t)
    (asked,) = c.client(b"\0\0" + sized(dns.query(LISTED)))
    cut(t.replay(), c, at=asked)


@case
def observed_question_passes(t):
    t.rules(
        '{ name = "pool-dns"; when = { dns_name = "@pools"; }; action = "sinkhole"; mode = "observe"; }',
        'pools = { type = "domain"; values = [ "nanopool.org" ]; };',
    )
    c = resolver(t)
    c.client(sized(dns.query(LISTED)))
    c.server(sized(dns.response(LISTED)))

    def told(outcome):
        outcome.told.update(id(event) for event in outcome.alerts)
        outcome.check(outcome.alerts, "no alert for an observed question")
        outcome.check(outcome.alerts[0]["verdict"].get("would") == "reset", f"{outcome.alerts[0]}")

    t.replay().each(told)

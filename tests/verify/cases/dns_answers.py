"""DNS answers: a listed name that hides behind an alias, and the records that name a pool in other ways."""

from harness import dns
from harness.dns import A, AAAA, CNAME, HTTPS
from harness.registry import case, cases

LISTED = "xmr-eu1.nanopool.org"
ENTRY = {"recognised_by": "name", "list": "pool-names", "list_entry": "nanopool.org"}
ASKED = "www.innocent.example"
POOL = bytes([203, 0, 113, 50])
SVCB, SRV, DNAME = 64, 33, 39


def name(text):
    return dns.wire_name(text)


def https_record(target, priority=1, parameters=b""):
    return priority.to_bytes(2, "big") + name(target) + parameters


def answer(records, asked=ASKED, kind=A, **options):
    return dns.answer(asked, kind, records, **options)


ANSWERS = {
    "cname": answer([(ASKED, CNAME, name(LISTED)), (LISTED, A, POOL)]),
    "cname_without_address": answer([(ASKED, CNAME, name(LISTED))]),
    "cname_of_six": answer([(ASKED, CNAME, name(LISTED)), (LISTED, AAAA, bytes(15) + b"\1")], kind=AAAA),
    "chain": answer(
        [
            (ASKED, CNAME, name("edge.innocent.example")),
            ("edge.innocent.example", CNAME, name("deep.other.example")),
            ("deep.other.example", CNAME, name(LISTED)),
            (LISTED, A, POOL),
        ]
    ),
    "chain_in_another_order": answer(
        [
            (LISTED, A, POOL),
            ("edge.innocent.example", CNAME, name(LISTED)),
            (ASKED, CNAME, name("edge.innocent.example")),
        ]
    ),
    "chain_that_leaves_again": answer(
        [
            (ASKED, CNAME, name(LISTED)),
            (LISTED, CNAME, name("node7.cloud.example")),
            ("node7.cloud.example", A, POOL),
        ]
    ),
    "mixed_case": answer([(ASKED.upper(), CNAME, name("XMR-EU1.NanoPool.ORG")), (LISTED, A, POOL)]),
    "https_target": answer([(ASKED, HTTPS, https_record(LISTED))], kind=HTTPS),
    "https_alias": answer([(ASKED, HTTPS, https_record(LISTED, priority=0))], kind=HTTPS),
    "svcb_target": answer([(ASKED, SVCB, https_record(LISTED))], kind=SVCB),
    "srv_target": answer([(ASKED, SRV, bytes([0, 1, 0, 1, 13, 5]) + name(LISTED))], kind=SRV),
    "dname": answer([("innocent.example", DNAME, name("nanopool.org"))]),
}


@cases(**ANSWERS)
def listed_name_behind_another(t, message):
    """The question is harmless, the answer leads to a pool: it does not arrive."""
    u = t.udp(server="10.10.0.53", dport=53)
    u.client(dns.query(ASKED, dns.kind_of(message)))
    told = u.server(message)
    t.replay().swallowed(u, told, action="sinkhole", rule="pool-dns", **ENTRY)


@cases(**ANSWERS)
def listed_name_behind_another_over_tcp(t, message):
    c = t.tcp(server="10.10.0.53", dport=53)
    question = dns.query(ASKED, dns.kind_of(message))
    c.client(len(question).to_bytes(2, "big") + question)
    (told,) = c.server(len(message).to_bytes(2, "big") + message)
    t.replay().blocked(c, at=told, action="reset", rule="pool-dns", mining=ENTRY)


OTHERS = {
    "cname": answer([(ASKED, CNAME, name("edge.other.example")), ("edge.other.example", A, POOL)]),
    "suffix_without_border": answer([(ASKED, CNAME, name("mynanopool.org")), ("mynanopool.org", A, POOL)]),
    "not_on_the_way": answer([(ASKED, A, POOL), (LISTED, A, POOL)]),
    "in_the_authority": answer([(ASKED, A, POOL)], authority=[(LISTED, A, POOL)]),
    "glue_of_others": answer([(ASKED, A, POOL)], additional=[(LISTED, A, POOL)]),
    "text": answer([(ASKED, dns.TXT, b"\x0cnanopool.org")], kind=dns.TXT),
    "loop": answer([(ASKED, CNAME, name("b.example")), ("b.example", CNAME, name(ASKED))]),
    "https_own_name": answer([(ASKED, HTTPS, https_record("", parameters=b"\x00\x04\x00\x04" + POOL))], kind=HTTPS),
    "listed_by_query_name_only_in_rdata": answer([(ASKED, 12, name(LISTED))], kind=12),
    "pointer_loop": answer([(ASKED, CNAME, b"\xc0\x0c")]),
    "pointer_beyond": answer([(ASKED, CNAME, b"\xcf\xff")]),
    "length_beyond": answer([(ASKED, CNAME, name(LISTED))])[:-6],
    "many": answer([(ASKED, A, bytes([203, 0, 113, at])) for at in range(40)]),
}


@cases(**OTHERS)
def other_answer(t, message):
    u = t.udp(server="10.10.0.53", dport=53)
    u.client(dns.query(ASKED, dns.kind_of(message)))
    u.server(message)
    c = t.tcp(server="10.10.0.53", dport=53)
    question = dns.query(ASKED, dns.kind_of(message))
    c.client(len(question).to_bytes(2, "big") + question)
    c.server(len(message).to_bytes(2, "big") + message)
    r = t.replay()
    r.passed(u, app="dns")
    r.passed(c, app="dns")


@case
def next_question_of_the_flow_is_judged_for_itself(t):
    u = t.udp(server="10.10.0.53", dport=53)
    u.client(dns.query(ASKED, identity=1))
    told = u.server(dns.answer(ASKED, A, [(ASKED, CNAME, name(LISTED)), (LISTED, A, POOL)], identity=1))
    u.client(dns.query("www.example.org", identity=2))
    u.server(dns.response("www.example.org", identity=2))
    t.replay().swallowed(u, told, action="sinkhole", rule="pool-dns", **ENTRY)

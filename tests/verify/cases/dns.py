"""DNS over UDP: the name of a pool does not resolve, all other names do."""

from harness import dns
from harness.messages import SUBSCRIBE
from harness.registry import case, cases

ENTRY = {"recognised_by": "name", "list": "pool-names", "list_entry": "nanopool.org"}


def resolver(t, **options):
    return t.udp(server="10.10.0.53", dport=53, **options)


@cases(a=dns.A, aaaa=dns.AAAA, txt=dns.TXT, https=dns.HTTPS, any=255)
def question_for_a_pool(t, kind):
    u = resolver(t)
    asked = u.client(dns.query("eth-eu1.nanopool.org", kind))
    t.replay().sinkholed(u, asked, **ENTRY)


@cases(
    edns=dns.edns(),
    edns_cookie=dns.edns(cookie=bytes(range(8))),
    edns_small=dns.edns(size=512, do=False),
)
def edns_is_kept(t, opt):
    """A question with an OPT record gets an answer with one; without it, an answer without one."""
    u = resolver(t)
    asked = u.client(dns.query("nanopool.org", opt=opt))
    t.replay().sinkholed(u, asked, **ENTRY)


@case
def case_of_the_name_is_kept(t):
    """0x20: a resolver that mixes the case accepts only an answer that mirrors it."""
    u = resolver(t)
    asked = u.client(dns.query("eTh-Eu1.nANoPool.oRG"))
    t.replay().sinkholed(u, asked, **ENTRY)


@case
def recursion_desired_is_mirrored(t):
    u = resolver(t)
    asked = u.client(dns.query("nanopool.org", flags=0x0000))
    t.replay().sinkholed(u, asked)


@case
def over_ipv6(t):
    u = t.udp(v6=True, dport=53)
    asked = u.client(dns.query("nanopool.org", dns.AAAA))
    t.replay().sinkholed(u, asked, **ENTRY)


@cases(vlan=(42,), qinq=(100, 200))
def answer_keeps_the_tags(t, vlan):
    u = resolver(t, vlan=vlan)
    asked = u.client(dns.query("nanopool.org"))
    t.replay().sinkholed(u, asked)


@case
def question_without_a_udp_checksum(t):
    u = resolver(t)
    asked = u.client(dns.query("nanopool.org"), no_checksum=True)
    t.replay().sinkholed(u, asked)


@case
def answer_to_a_question_that_was_not_seen_is_swallowed(t):
    """The client asks again, and that question gets our answer."""
    u = resolver(t)
    answer = u.server(dns.response("nanopool.org"))
    t.replay().swallowed(u, answer, action="sinkhole", rule="pool-dns", **ENTRY)


@case
def pools_and_others_in_one_flow(t):
    """A stub resolver that keeps its port: each message is judged by itself."""
    u = resolver(t)
    u.client(dns.query("www.example.org", identity=1))
    first = u.client(dns.query("nanopool.org", identity=2))
    u.server(dns.response("www.example.org", identity=1))
    second = u.client(dns.query("xmr-eu1.nanopool.org", dns.AAAA, identity=3))
    u.client(dns.query("mirror.example.org", identity=4))
    u.server(dns.response("mirror.example.org", identity=4))
    t.replay().sinkholed(u, first, second)


@case
def asked_again_and_again(t):
    u = resolver(t)
    asked = [u.client(dns.query("nanopool.org", identity=7)) for _ in range(1)]
    t.wait(1)
    asked.append(u.client(dns.query("nanopool.org", identity=8)))
    t.wait(5)
    asked.append(u.client(dns.query("nanopool.org", identity=9)))
    t.replay().sinkholed(u, *asked)


@case
def browser_miner_host(t):
    u = resolver(t)
    asked = u.client(dns.query("ws001.coinhive.com"))
    t.replay().sinkholed(
        u, asked, rule="browser-miner-dns", risk=60, list="browser-miner-names", list_entry="coinhive.com"
    )


@cases(
    ntp="pool.ntp.org",
    ntp_country="0.de.pool.ntp.org",
    adminer="www.adminer.com",
    suffix_without_border="mynanopool.org",
    name_as_prefix="nanopool.org.example.com",
    name_as_label="nanopool.example.org",
    carpool="carpool.example.com",
    exchange="www.coinbase.com",
    coin="bitcoin.org",
    long_name=".".join(["a" * 60] * 4),
    root="",
    underscore="_ldap._tcp.dc.example.org",
)
def other_name(t, name):
    u = resolver(t)
    u.client(dns.query(name))
    u.server(dns.response(name))
    t.replay().passed(u)


@case
def payload_of_mining_in_a_txt_answer(t):
    u = resolver(t)
    u.client(dns.query("notes.example.org", dns.TXT))
    text = SUBSCRIBE[:200]
    u.server(dns.response("notes.example.org", dns.TXT, data=bytes([len(text)]) + text))
    t.replay().passed(u)


@cases(
    empty=b"",
    short=b"\x12\x34\x01",
    no_question=dns.query("nanopool.org")[:4] + bytes(8),
    text=b"this is no DNS message at all, but it goes to port 53",
)
def malformed(t, message):
    """Forwarded unchanged: this is a wire."""
    u = resolver(t)
    u.client(message)
    t.replay().passed(u)


@cases(
    cut_in_the_name=dns.query("eth-eu1.nanopool.org")[:20],
    pointer_to_itself=dns.query("x")[:12] + b"\xc0\x0c\x00\x01\x00\x01",
    label_beyond_the_end=dns.query("x")[:12] + b"\x3fabc",
)
def question_that_cannot_be_decoded(t, message):
    """A server answers it with an error, so that it passes unless the policy's `unreadable` says otherwise."""
    u = resolver(t)
    u.client(message)
    t.replay().passed(u)


@case
def another_port_is_no_dns(t):
    u = t.udp(dport=5300)
    u.client(dns.query("nanopool.org"))
    t.replay().passed(u)


@case
def multicast_dns_is_none_of_ours(t):
    u = t.udp(server="224.0.0.251", sport=5353, dport=5353)
    u.client(dns.query("nanopool.org"))
    t.replay().passed(u)


def sinkhole_to(t, answer, ttl=300):
    t.rules(
        f'{{ name = "dns"; when = {{ dns_name = "nanopool.org"; }}; action = "sinkhole"; answer = {answer}; ttl = {ttl}; }}'
    )


@case
def sinkhole_to_an_address(t):
    sinkhole_to(t, '"192.0.2.53"')
    u = resolver(t)
    a = u.client(dns.query("nanopool.org", dns.A, identity=1, opt=dns.edns()))
    t.replay().sinkholed(u, a, rule="dns", rcode="NOERROR", addresses=["192.0.2.53"], ttl=300)


@case
def sinkhole_to_an_address_of_the_other_family_is_no_data(t):
    sinkhole_to(t, '"192.0.2.53"')
    u = resolver(t)
    asked = [u.client(dns.query("nanopool.org", kind, identity=kind)) for kind in (dns.AAAA, dns.HTTPS, dns.TXT)]
    t.replay().sinkholed(u, *asked, rule="dns", rcode="NOERROR")


@case
def sinkhole_to_ipv6(t):
    sinkhole_to(t, '[ "192.0.2.53", "2001:db8::53" ]')
    u = resolver(t)
    asked = u.client(dns.query("nanopool.org", dns.AAAA))
    t.replay().sinkholed(u, asked, rule="dns", rcode="NOERROR", addresses=["2001:db8::53"], ttl=300)


@case
def sinkhole_to_no_data(t):
    sinkhole_to(t, '"nodata"')
    u = resolver(t)
    asked = u.client(dns.query("nanopool.org"))
    t.replay().sinkholed(u, asked, rule="dns", rcode="NOERROR")


@cases(drop="drop", reset="reset")
def swallowed_without_an_answer(t, action):
    t.rules(f'{{ name = "dns"; when = {{ dns_name = "nanopool.org"; }}; action = "{action}"; }}')
    u = resolver(t)
    asked = u.client(dns.query("nanopool.org"))
    u.client(dns.query("www.example.org", identity=2))
    t.replay().swallowed(u, asked, action=action, rule="dns", recognised_by="name")


@case
def exact_entry_is_that_name_alone(t):
    t.rules('{ name = "dns"; when = { dns_name = "=pool.example.org"; }; action = "sinkhole"; }')
    hit, below = resolver(t), resolver(t)
    asked = hit.client(dns.query("pool.example.org"))
    below.client(dns.query("eu.pool.example.org"))
    r = t.replay()
    r.sinkholed(hit, asked, rule="dns")
    r.passed(below)


@case
def pattern_fits_the_whole_name(t):
    t.rules(
        '{ name = "dns"; when = { dns_name = "@odd"; }; action = "sinkhole"; }',
        lists='odd = { type = "name-pattern"; values = [ "xmr-?[0-9]*\\\\..+" ]; };',
    )
    hit, inside = resolver(t), resolver(t)
    asked = hit.client(dns.query("XMR-12.example.org"))
    inside.client(dns.query("my-xmr-12.example.org"))
    r = t.replay()
    r.sinkholed(hit, asked, rule="dns", list="odd")
    r.passed(inside)

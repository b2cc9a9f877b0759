"""Addresses that were learned as a pool's for a client: blocked for that client, at that port, until the entry ends."""

from harness import dns
from harness.learning import (
    LEARNED,
    LISTS,
    NAME,
    POOL,
    POOL_BYTES,
    SERVER_NAME,
    a_record,
    attempt,
    by_name,
    connect,
    cut,
    resolve,
)
from harness.registry import case, cases


@case
def answer_for_a_listed_name(t):
    by_name(t)
    u = resolve(t, a_record())
    c, other, elsewhere = attempt(t), connect(t, client="10.10.0.8"), connect(t, server="198.51.100.21")
    r = t.replay()
    r.passed(u, app="dns")
    r.learned(u, {"from": "dns-answer", "name": NAME, "address": POOL})
    cut(r, c, list_entry=NAME)
    r.passed(other)
    r.passed(elsewhere)


@cases(first=3333, second=443, third=8080)
def any_port_of_the_address(t, port):
    """An A record names no port."""
    by_name(t)
    resolve(t, a_record())
    c = attempt(t, dport=port)
    cut(t.replay(), c)


@case
def six_addresses_of_an_answer(t):
    by_name(t)
    addresses = [bytes([198, 51, 100, at]) for at in range(30, 36)]
    u = resolve(t, dns.answer(NAME, dns.A, [(NAME, dns.A, address) for address in addresses]))
    flows = [attempt(t, server=f"198.51.100.{at}") for at in range(30, 36)]
    other = connect(t, server="198.51.100.36")
    r = t.replay()
    r.learned(u, *({"from": "dns-answer", "name": NAME, "address": f"198.51.100.{at}"} for at in range(30, 36)))
    for c in flows:
        cut(r, c)
    r.passed(other)


@case
def ipv6(t):
    by_name(t)
    address = bytes.fromhex("20010db8007700000000000000000001")
    u = t.udp(v6=True, server="2001:db8:10::53", dport=53)
    u.client(dns.query(NAME, dns.AAAA))
    u.server(dns.answer(NAME, dns.AAAA, [(NAME, dns.AAAA, address)]))
    c = attempt(t, client="2001:db8:10::7", server="2001:db8:77::1")
    other = connect(t, client="2001:db8:10::8", server="2001:db8:77::1")
    r = t.replay()
    r.learned(u, {"from": "dns-answer", "name": NAME, "address": "2001:db8:77::1"})
    cut(r, c)
    r.passed(other)


@case
def alias_of_a_listed_name(t):
    by_name(t)
    message = dns.aliased("www.innocent.example", NAME, POOL_BYTES)
    u = resolve(t, message, asked="www.innocent.example")
    c = attempt(t)
    r = t.replay()
    r.learned(u, {"from": "dns-answer", "address": POOL, "name": NAME})
    cut(r, c)


@case
def hint_of_an_https_record(t):
    by_name(t)
    hint = b"\x00\x01" + b"\x00" + b"\x00\x03\x00\x02\x0d\x05" + b"\x00\x04\x00\x04" + POOL_BYTES
    u = resolve(t, dns.answer(NAME, dns.HTTPS, [(NAME, dns.HTTPS, hint)]), kind=dns.HTTPS)
    c, other = attempt(t, dport=3333), connect(t, dport=3334)
    r = t.replay()
    r.learned(u, {"from": "dns-answer", "name": NAME, "address": POOL, "port": 3333})
    cut(r, c)
    r.passed(other)


@case
def over_tcp(t):
    by_name(t)
    c = t.tcp(server="10.10.0.53", dport=53)
    question, message = dns.query(NAME), a_record()
    c.client(len(question).to_bytes(2, "big") + question)
    c.server(len(message).to_bytes(2, "big") + message)
    d = attempt(t)
    r = t.replay()
    r.passed(c, app="dns")
    r.learned(c, {"from": "dns-answer", "name": NAME, "address": POOL})
    cut(r, d)


@case
def udp_flow_to_the_address(t):
    by_name(t)
    resolve(t, a_record())
    u = t.udp(server=POOL, dport=443)
    first = u.client(b"\x43" + bytes(60))
    t.replay().blocked(u, at=first, rule="learned", mining=LEARNED)


@cases(seconds=(300, 310), least_life=(5, 70), zero=(0, 70))
def until_its_life_is_over(t, what):
    ttl, later = what
    by_name(t)
    resolve(t, a_record(ttl))
    c = attempt(t)
    t.wait(later)
    d = connect(t)
    r = t.replay()
    cut(r, c)
    r.passed(d)


@case
def least_life_is_a_minute(t):
    """Clients use an answer with a TTL of seconds for longer than that."""
    by_name(t)
    resolve(t, a_record(ttl=1))
    t.wait(50)
    c = attempt(t)
    cut(t.replay(), c)


@case
def told_again_lives_again(t):
    by_name(t)
    resolve(t, a_record(ttl=100))
    t.wait(90)
    resolve(t, a_record(ttl=100))
    t.wait(90)
    c = attempt(t)
    cut(t.replay(), c)


@case
def running_connection_is_let_be_until_news(t):
    """An answer does not lead to a new verdict for a connection that was allowed before it."""
    by_name(t)
    c = connect(t)
    resolve(t, a_record())
    c.client(b"goes on")
    t.replay().passed(c)


@cases(
    private=bytes([10, 1, 2, 3]),
    private_192=bytes([192, 168, 7, 7]),
    loopback=bytes([127, 0, 0, 1]),
    zero=bytes(4),
    multicast=bytes([224, 0, 0, 251]),
    link_local=bytes([169, 254, 1, 1]),
    content_network=bytes([104, 16, 132, 229]),
)
def never_learned(t, address):
    """Addresses that a blocking resolver answers with, and addresses that thousands of names share."""
    by_name(t, never='never_learn = [ "104.16.0.0/13" ];')
    u = resolve(t, a_record(address=address))
    c = connect(t, server=".".join(map(str, address)))
    r = t.replay()
    r.learned(u)
    r.passed(c)


@case
def never_learned_by_the_shipped_policy(t):
    """The front of a content network, as the shipped lists know it."""
    t.shipped(
        changes=[
            (
                'when = { dns_name = "@pool-names"; };\n    action = "sinkhole";',
                'when = { dns_name = "@pool-names"; };\n    action = "observe";',
            )
        ]
    )
    u = resolve(t, a_record(address=bytes([104, 16, 132, 229]), name="nanopool.org"), asked="nanopool.org")
    c = connect(t, server="104.16.132.229")
    r = t.replay()
    r.learned(u)
    r.passed(c)
    r.each(lambda outcome: outcome.told.update(id(event) for event in outcome.alerts))


@cases(
    other_name=a_record(name="www.example.org"),
    suffix_without_border=a_record(name="mypool.example"),
    refused=dns.response(NAME, data=b"", rcode=3),
    address_of_another_owner=dns.answer(NAME, dns.A, [("www.example.org", dns.A, POOL_BYTES)]),
    in_the_additional_section=dns.answer(NAME, dns.A, [], additional=[(NAME, dns.A, POOL_BYTES)]),
)
def nothing_to_learn(t, message):
    by_name(t)
    u = resolve(t, message)
    c = connect(t)
    r = t.replay()
    r.learned(u)
    r.passed(c)


@case
def query_alone_teaches_nothing(t):
    by_name(t)
    u = t.udp(server="10.10.0.53", dport=53)
    u.client(dns.query(NAME))
    c = connect(t)
    r = t.replay()
    r.learned(u)
    r.passed(c)


@case
def answer_that_nobody_asked_for_teaches_nothing(t):
    """Anybody can send such an answer."""
    by_name(t)
    u = t.udp(server="203.0.113.66", dport=53)
    u.server(a_record())
    c = connect(t)
    r = t.replay()
    r.learned(u)
    r.passed(c)


@case
def policy_without_the_rule_learns_nothing(t):
    t.rules(SERVER_NAME, LISTS)
    u = resolve(t, a_record())
    c = connect(t)
    r = t.replay()
    r.learned(u)
    r.passed(c)


@case
def rule_that_observes(t):
    t.rules(
        '{ name = "learned"; when = { learned = true; }; action = "reset"; mode = "observe"; }, ' + SERVER_NAME, LISTS
    )
    resolve(t, a_record())
    c = connect(t)
    t.replay().passed(c, rule="learned", would="reset", mining=LEARNED)

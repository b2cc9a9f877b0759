"""Addresses that a client was told to be a pool's: blocked for that client, at that port, as long as it holds."""

from harness import dns, tls
from harness.messages import HASH, WALLET, http_request, http_response, line, text
from harness.nodes import setup_connection
from harness.registry import case, cases

POOL = "198.51.100.20"
POOL_BYTES = bytes([198, 51, 100, 20])
NAME = "xmr.pool.example"
LEARNED = {"recognised_by": "learned", "list": "learned"}
LISTS = 'pools = { type = "domain"; values = [ "pool.example" ]; };'
RULE = '{ name = "learned"; when = { learned = true; }; action = "reset"; }'
SERVER_NAME = '{ name = "name"; when = { server_name = "@pools"; }; action = "reset"; }'
WATCHED = '{ name = "watched"; when = { app = "mining"; }; action = "observe"; risk = 84; }'


def by_name(t, more="", never=""):
    """A policy that lets names resolve, and blocks what is reached by them."""
    text_ = f'version = 1;\nmode = "enforce";\nlists: {{ {LISTS} }};\n{never}\nrules: ( {SERVER_NAME}, {RULE}{more} );\n'
    t.policy(text_)


def watching(t):
    """A policy that only watches mining, so that what a pool says arrives."""
    t.rules(f"{RULE}, {WATCHED}")


def resolve(t, message, client="10.10.0.7", asked=NAME, kind=dns.A):
    u = t.udp(client=client, server="10.10.0.53", dport=53)
    u.client(dns.query(asked, kind))
    u.server(message)
    return u


def attempt(t, client="10.10.0.7", server=POOL, dport=443, **ends):
    """A connection that is tried and never comes to be: the server does not hear of it."""
    c = t.tcp(client=client, server=server, dport=dport, handshake=False, **ends)
    syn = c.segment("client", flags="S", options=bytes.fromhex("020405b4"))
    t.wait(1)
    c.segment("client", flags="S", seq=syn.seq, options=bytes.fromhex("020405b4"))
    return c


def connect(t, client="10.10.0.7", server=POOL, dport=443, **ends):
    """A connection that says nothing that tells."""
    c = t.tcp(client=client, server=server, dport=dport, **ends)
    c.client(b"\x01\x02\x03 hello")
    c.server(b"\x04\x05\x06 hello")
    return c


def cut(r, c, **mining):
    """With its first packet."""
    r.blocked(c, at=c.frames[0], rule="learned", mining={**LEARNED, **mining}, server_alive=False)


def a_record(ttl=300, address=POOL_BYTES, name=NAME):
    return dns.answer(name, dns.A, [(name, dns.A, address, ttl)])


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
    """Clients use an answer of a few seconds for longer than that."""
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
    """What was allowed before the answer is not judged again by it."""
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
    """What a resolver that blocks answers with, and what thousands share."""
    by_name(t, never='never_learn = [ "104.16.0.0/13" ];')
    u = resolve(t, a_record(address=address))
    c = connect(t, server=".".join(map(str, address)))
    r = t.replay()
    r.learned(u)
    r.passed(c)


@case
def never_learned_by_the_shipped_policy(t):
    """The front of a content network, as the shipped lists know it."""
    t.shipped(changes=[('when = { dns_name = "@pool-names"; };\n    action = "sinkhole";', 'when = { dns_name = "@pool-names"; };\n    action = "observe";')])
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
def policy_without_the_rule_learns_nothing(t):
    t.rules(SERVER_NAME, LISTS)
    u = resolve(t, a_record())
    c = connect(t)
    r = t.replay()
    r.learned(u)
    r.passed(c)


@case
def rule_that_observes(t):
    t.rules('{ name = "learned"; when = { learned = true; }; action = "reset"; mode = "observe"; }, ' + SERVER_NAME, LISTS)
    resolve(t, a_record())
    c = connect(t)
    t.replay().passed(c, rule="learned", would="reset", mining=LEARNED)


# What pools and miners say themselves.

RECONNECTS = {
    "address": (["198.51.100.20", 3333, 60], {"address": POOL, "port": 3333}),
    "port_as_text": (["198.51.100.20", "3333", "0"], {"address": POOL, "port": 3333}),
    "mining_reconnect": (["198.51.100.20", 3333], {"address": POOL, "port": 3333}),
}


def reconnected(c, method, params):
    c.client(line("mining.subscribe", ["cgminer/4.11.1"]))
    c.server(text({"id": None, "method": method, "params": params}))


@cases(**RECONNECTS)
def reconnect_to_an_address(t, what):
    params, members = what
    watching(t)
    c = t.tcp()
    reconnected(c, "client.reconnect" if len(params) == 3 else "mining.reconnect", params)
    next_, other_port, other_client = attempt(t, dport=3333), connect(t, dport=3334), connect(t, "10.10.0.8", dport=3333)
    r = t.replay()
    r.passed(c, action="observe", rule="watched", mining={"dialect": "stratum-v1"})
    r.learned(c, {"from": "client.reconnect", **members})
    cut(r, next_)
    r.passed(other_port)
    r.passed(other_client)


@case
def reconnect_to_a_name(t):
    """Its address becomes known when the client asks for it, and with the port of the message."""
    watching(t)
    c = t.tcp()
    reconnected(c, "client.reconnect", ["Backup.Hidden.example", 3333, 60])
    u = resolve(t, a_record(name="backup.hidden.example"), asked="backup.hidden.example")
    next_, other_port = attempt(t, dport=3333), connect(t, dport=25)
    r = t.replay()
    r.passed(c, action="observe", rule="watched", mining={})
    r.learned(c, {"from": "client.reconnect", "name": "backup.hidden.example", "port": 3333})
    r.learned(u, {"from": "dns-answer", "name": "backup.hidden.example", "address": POOL, "port": 3333})
    cut(r, next_)
    r.passed(other_port)


@case
def reconnect_to_a_name_that_tls_shows(t):
    watching(t)
    c = t.tcp()
    reconnected(c, "client.reconnect", ["backup.hidden.example", 443, 60])
    d = t.tcp(dport=443)
    (hello,) = d.client(tls.hello("backup.hidden.example"))
    e = t.tcp(client="10.10.0.9", dport=443)
    e.client(tls.hello("backup.hidden.example"))
    r = t.replay()
    r.passed(c, action="observe", rule="watched", mining={})
    r.blocked(d, at=hello, rule="learned", mining=LEARNED)
    r.passed(e)


@cases(
    same_server=["203.0.113.9", 3333, 60],
    loopback=["127.0.0.1", 3333, 60],
    localhost=["localhost", 3333, 60],
    no_host=["http://x y/", 3333, 60],
    nothing=[],
    empty=["", 0, 60],
)
def reconnect_to_nowhere(t, params):
    watching(t)
    c = t.tcp(client="10.10.0.6")
    reconnected(c, "client.reconnect", params)
    r = t.replay()
    r.passed(c, action="observe", rule="watched", mining={})
    r.learned(c)


POOLS = {
    "zip_301": (line("mining.subscribe", ["equihash/1", None, "zec.hidden.example", 2142]), "zec.hidden.example", 2142),
    "kawpow": (line("mining.subscribe", ["kawpow/1", "ab", "rvn.hidden.example", "8888"]), "rvn.hidden.example", 8888),
    "ethereum_stratum_2": (
        line("mining.hello", {"agent": "a", "host": "eth.hidden.example", "port": "16a8", "proto": "EthereumStratum/2.0.0"}),
        "eth.hidden.example",
        5800,
    ),
    "stratum_v2": (setup_connection("v2.hidden.example", 34254), "v2.hidden.example", 34254),
}


@cases(**POOLS)
def miner_names_its_pool(t, what):
    """Through a proxy or by an address: the name tells where it will look next."""
    message, host, port = what
    c = t.tcp()
    c.client(message)
    u = resolve(t, a_record(name=host), asked=host)
    next_ = attempt(t, dport=port)
    r = t.replay()
    r.blocked(c)
    r.learned(c, {"from": "subscribe", "name": host, "port": port})
    r.learned(u, {"from": "dns-answer", "name": host, "address": POOL, "port": port})
    r.blocked(next_, at=next_.frames[0], rule="learned-pool", mining=LEARNED, server_alive=False)


@case
def header_names_a_better_pool(t):
    c = t.tcp(dport=8332)
    c.client(http_request(b"{}"))
    c.server(http_response(b"{}", headers=[f"X-Stratum: stratum+tcp://{POOL}:3333"]))
    next_, other = attempt(t, dport=3333), connect(t, dport=3334)
    r = t.replay()
    r.blocked(c, mining={"speaker": "pool"})
    r.learned(c, {"from": "x-stratum", "address": POOL, "port": 3333})
    r.blocked(next_, at=next_.frames[0], rule="learned-pool", mining=LEARNED, server_alive=False)
    r.passed(other, action="observe", rule="mining-port", risk=20)


@case
def host_of_a_getwork_request_teaches_nothing(t):
    """It is the server that is spoken to: its verdict deals with it."""
    c = t.tcp(dport=8332)
    c.client(http_request(line("getwork", [], end=""), host="getwork.hidden.example"))
    r = t.replay()
    r.blocked(c)
    r.learned(c)


@case
def sanctioned_host_teaches_nothing_to_others(t):
    """The rig that may mine is sent on; its neighbour is not concerned."""
    t.rules(
        f'{{ name = "rigs"; when = {{ client_ip = "10.20.0.0/24"; }}; action = "allow"; }}, {RULE}, {WATCHED}'
    )
    c = t.tcp(client="10.20.0.5")
    reconnected(c, "client.reconnect", ["198.51.100.20", 3333, 60])
    rig, neighbour = connect(t, "10.20.0.5", dport=3333), connect(t, "10.10.0.7", dport=3333)
    r = t.replay()
    r.passed(c, rule="rigs", mining={"dialect": "stratum-v1"})
    r.passed(rig, rule="rigs")
    r.passed(neighbour)


@case
def everyday_reconnect_of_others_teaches_nothing(t):
    watching(t)
    c = t.tcp()
    c.client(line("hello", []))
    c.server(text({"method": "reconnect", "params": {"host": POOL, "port": 3333}}))
    c.server(text({"id": 7, "result": {"host": POOL, "port": 3333, "hash": HASH, "wallet": WALLET}}))
    d = connect(t, dport=3333)
    r = t.replay()
    r.passed(c)
    r.learned(c)
    r.passed(d)

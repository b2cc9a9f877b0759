"""Pools' addresses that pools and miners themselves tell: client.reconnect, a miner's first message, a header."""

from harness import tls
from harness.learning import LEARNED, POOL, RULE, WATCHED, a_record, attempt, connect, cut, resolve, watching
from harness.messages import HASH, WALLET, http_request, http_response, line, text
from harness.nodes import setup_connection
from harness.registry import case, cases

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
    next_, other_port, other_client = (
        attempt(t, dport=3333),
        connect(t, dport=3334),
        connect(t, "10.10.0.8", dport=3333),
    )
    r = t.replay()
    r.passed(c, action="observe", rule="watched", mining={"dialect": "stratum-v1"})
    r.learned(c, {"from": "client.reconnect", **members})
    cut(r, next_)
    r.passed(other_port)
    r.passed(other_client)


@case
def reconnect_to_a_name(t):
    """Its address becomes known when the client asks for the name, and with the message's port."""
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
    same_server=["203.0.113.9", 41003, 60],
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
        line(
            "mining.hello",
            {"agent": "a", "host": "eth.hidden.example", "port": "16a8", "proto": "EthereumStratum/2.0.0"},
        ),
        "eth.hidden.example",
        5800,
    ),
    "stratum_v2": (setup_connection("v2.hidden.example", 34254), "v2.hidden.example", 34254),
}


@cases(**POOLS)
def miner_names_its_pool(t, what):
    """Through a proxy or by an address: the name tells where the miner connects next."""
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
    watching(t)
    c = t.tcp(dport=8332)
    c.client(http_request(line("getwork", [], end="")))
    c.server(http_response(b"{}", headers=[f"X-Stratum: stratum+tcp://{POOL}:3333"]))
    next_, other = attempt(t, dport=3333), connect(t, dport=3334)
    r = t.replay()
    r.passed(c, action="observe", rule="watched", mining={"dialect": "getwork"})
    r.learned(c, {"from": "x-stratum", "address": POOL, "port": 3333})
    cut(r, next_)
    r.passed(other)


@case
def header_to_a_browser_teaches_nothing(t):
    """A web page could otherwise block any server for its visitors."""
    c = t.tcp(dport=80)
    c.client(http_request(b"", method="GET"))
    c.server(http_response(b"", headers=[f"X-Stratum: stratum+tcp://{POOL}:443"]))
    d = connect(t, dport=443)
    r = t.replay()
    r.blocked(c, mining={"speaker": "pool"})
    r.learned(c)
    r.passed(d)


@case
def reconnect_to_a_client_that_does_not_mine_teaches_nothing(t):
    watching(t)
    c = t.tcp()
    c.client(line("hello", []))
    c.server(text({"id": None, "method": "client.reconnect", "params": [POOL, 3333, 60]}))
    d = connect(t, dport=3333)
    r = t.replay()
    r.passed(c, action="observe", rule="watched", mining={})
    r.learned(c)
    r.passed(d)


@case
def host_of_a_getwork_request_teaches_nothing(t):
    """It names the server that the client speaks to: this flow's verdict deals with it."""
    c = t.tcp(dport=8332)
    c.client(http_request(line("getwork", [], end=""), host="getwork.hidden.example"))
    r = t.replay()
    r.blocked(c)
    r.learned(c)


@case
def sanctioned_host_teaches_nothing_to_others(t):
    """The host that may mine is sent on; other hosts are not affected."""
    t.rules(f'{{ name = "rigs"; when = {{ client_ip = "10.20.0.0/24"; }}; action = "allow"; }}, {RULE}, {WATCHED}')
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

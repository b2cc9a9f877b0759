"""Proxies: the target is judged at the client's request, the bytes in the tunnel as anywhere else."""

from harness import socks, tls
from harness.messages import AUTHORIZE, ETH_LOGIN, LOGIN, NOTIFY, SUBSCRIBE, http_request, http_response, line, text
from harness.registry import case, cases
from harness.socks import WAYS

HOST = "xmr-eu1.nanopool.org"
NAME = {"recognised_by": "name", "list": "pool-names", "list_entry": "nanopool.org"}
BY_NAME = {key: way for key, way in WAYS.items() if not way.address_only}
BY_ADDRESS = {key: way for key, way in WAYS.items() if not way.name_only}
FIRST = {"stratum": ("stratum-v1", SUBSCRIBE), "cryptonote": ("cryptonote", LOGIN), "ethproxy": ("ethproxy", ETH_LOGIN)}
ADDRESS = "198.51.100.77"


def target_of(way, name):
    return {"http": {"hostname": name}} if way.app == "http" else {"socks": {"target": name}}


def proxy(t, **ends):
    return t.tcp(server="10.10.0.80", dport=1080, **ends)


@cases(**BY_NAME)
def listed_target(t, way):
    """The proxy never gets the request for a pool."""
    c = proxy(t)
    asked = way.open(c, HOST, 14444)
    t.replay().blocked(c, at=asked, rule="pool-name", mining=NAME, keys=target_of(way, HOST), app=way.app)


@cases(**BY_NAME)
def listed_target_all_at_once(t, way):
    """Some clients send greeting, password and request in one segment."""
    c = proxy(t)
    asked = way.open(c, HOST, 14444, pipelined=True)
    t.replay().blocked(c, at=asked, rule="pool-name", mining=NAME)


@cases(**BY_NAME)
def listed_target_one_byte_per_segment(t, way):
    c = proxy(t)
    for said, answer in way.turns(HOST, 14444):
        c.client(said, size=1)
        c.server(answer)
    t.replay().blocked(c, rule="pool-name", mining=NAME)


@cases(**BY_NAME)
def every_cut_of_the_request(t, way):
    flows = []
    said = b"".join(said for said, _ in way.turns(HOST, 14444))
    for cut in range(1, len(said)):
        c = proxy(t, client=f"10.30.{cut // 200}.{cut % 200 + 1}")
        c.client(said, cuts=[cut])
        flows.append(c)
    r = t.replay()
    for c in flows:
        r.blocked(c, rule="pool-name", mining=NAME)


@cases(upper_case="XMR-EU1.NanoPool.ORG", trailing_dot=HOST + ".")
def listed_target_however_it_is_written(t, name):
    c = proxy(t)
    asked = WAYS["socks5"].open(c, name, 14444)
    t.replay().blocked(c, at=asked, rule="pool-name", mining=NAME, keys={"socks": {"target": HOST}})


@cases(**BY_ADDRESS)
def listed_address_of_the_target(t, way):
    """The connection goes to the proxy; the rule is about the pool behind it."""
    t.rules(
        '{ name = "pool-ip"; when = { server_ip = "@pools"; }; action = "reset"; }',
        f'pools = {{ type = "ip"; values = [ "{ADDRESS}" ]; }};',
    )
    c, other = proxy(t), proxy(t)
    asked = way.open(c, ADDRESS, 3333)
    way.open(other, "198.51.100.78", 3333)
    r = t.replay()
    r.blocked(c, at=asked, rule="pool-ip", mining={"recognised_by": "address", "list": "pools"})
    r.passed(other, app=way.app)


@case
def listed_ipv6_address_of_the_target(t):
    t.rules(
        '{ name = "pool-ip"; when = { server_ip = "@pools"; }; action = "reset"; }',
        'pools = { type = "ip"; values = [ "2001:db8:77::/48" ]; };',
    )
    c = proxy(t)
    asked = WAYS["socks5"].open(c, "2001:db8:77::1", 3333)
    t.replay().blocked(c, at=asked, rule="pool-ip", mining={"recognised_by": "address"})


VARIANTS = {f"{dialect}_by_{way}": (WAYS[way], *FIRST[dialect]) for way in WAYS for dialect in FIRST}


@cases(**VARIANTS)
def mining_inside(t, what):
    """No list has the target: the first message in the tunnel decides."""
    way, dialect, message = what
    c = proxy(t)
    way.open(c, "relay.example" if not way.address_only else ADDRESS, 443)
    (cut,) = c.client(message)
    t.replay().blocked(c, at=cut, mining={"dialect": dialect, "speaker": "miner", "recognised_by": "payload"})


@cases(**WAYS)
def mining_inside_cut_everywhere(t, way):
    flows = []
    for cut in range(1, len(SUBSCRIBE)):
        c = proxy(t, client=f"10.30.{cut // 200}.{cut % 200 + 1}")
        way.open(c, ADDRESS if not way.name_only else "relay.example", 3333)
        c.client(SUBSCRIBE, cuts=[cut])
        flows.append(c)
    r = t.replay()
    for c in flows:
        r.blocked(c, mining={"dialect": "stratum-v1"})


@cases(**{key: way for key, way in WAYS.items() if way.app == "socks"})
def request_and_mining_in_one_segment(t, way):
    """The client does not wait for the proxy's answer."""
    c = proxy(t)
    said = b"".join(said for said, _ in way.turns(ADDRESS if not way.name_only else "relay.example", 3333))
    (cut,) = c.client(said + SUBSCRIBE)
    t.replay().blocked(c, at=cut, mining={"dialect": "stratum-v1"})


@cases(**WAYS)
def pool_speaks_first_inside(t, way):
    c = proxy(t)
    way.open(c, ADDRESS if not way.name_only else "relay.example", 3333)
    (cut,) = c.server(NOTIFY)
    t.replay().blocked(c, at=cut, mining={"dialect": "stratum-v1", "speaker": "pool"})


@cases(**WAYS)
def tls_inside(t, way):
    """The name in the tunnel's own ClientHello."""
    c = proxy(t)
    way.open(c, ADDRESS if not way.name_only else "relay.example", 443)
    (cut,) = c.client(tls.hello(HOST))
    c.server(tls.SERVER_HELLO)
    t.replay().blocked(c, at=cut, rule="pool-name", mining=NAME, keys={"tls": {"sni": HOST}})


@cases(**{key: way for key, way in WAYS.items() if way.app == "socks"})
def getwork_inside(t, way):
    c = proxy(t)
    way.open(c, ADDRESS if not way.name_only else "relay.example", 8332)
    c.client(http_request(line("getwork", [], end="")))
    t.replay().blocked(c, mining={"dialect": "getwork"})


@case
def proxy_behind_a_proxy(t):
    """A tunnel inside a tunnel."""
    c = proxy(t)
    WAYS["http_connect"].open(c, "first.example", 1080)
    WAYS["socks5"].open(c, "second.example", 1080)
    WAYS["socks4a"].open(c, "third.example", 3333)
    (cut,) = c.client(AUTHORIZE)
    t.replay().blocked(c, at=cut, mining={"dialect": "stratum-v1"})


@case
def second_proxy_names_the_pool(t):
    c = proxy(t)
    WAYS["socks5"].open(c, "first.example", 1080)
    asked = WAYS["http_connect"].open(c, HOST, 3333)
    t.replay().blocked(c, at=asked, rule="pool-name", mining=NAME)


@case
def proxy_that_refuses(t):
    """The pool is not reached, but the events say that the client asked for it."""
    c = proxy(t)
    c.client(socks.GREETING)
    c.server(socks.CHOSEN)
    (asked,) = c.client(socks.connect(HOST, 3333))
    c.server(b"\x05\x02\x00\x01" + bytes(6))
    t.replay().blocked(c, at=asked, rule="pool-name", mining=NAME)


@cases(**WAYS)
def web_inside_passes(t, way):
    c = proxy(t)
    host = ADDRESS if not way.name_only else "www.example.org"
    way.open(c, host, 80)
    c.client(http_request(method="GET", host="www.example.org"))
    c.server(http_response(b"<html>mining.subscribe</html>"))
    c.close()
    t.replay().passed(c)


@cases(**WAYS)
def tls_to_others_inside_passes(t, way):
    c = proxy(t)
    way.open(c, ADDRESS if not way.name_only else "www.example.org", 443)  # by name: the same in both
    c.client(tls.hello("www.example.org"))
    c.server(tls.SERVER_HELLO + tls.APPLICATION_DATA)
    c.client(tls.APPLICATION_DATA)
    c.close()
    t.replay().passed(c, keys={"tls": {"sni": "www.example.org"}})


@cases(**BY_NAME)
def target_of_others_passes(t, way):
    """Names that look like the listed ones."""
    flows = []
    for name in ("pool.ntp.org", "mynanopool.org", "nanopool.org.example.com", "www.coinbase.com"):
        c = proxy(t)
        way.open(c, name, 443)
        c.client(text({"jsonrpc": "2.0", "id": 1, "method": "login", "params": {"user": "a"}}))
        flows.append((c, name))
    r = t.replay()
    for c, name in flows:
        r.passed(c, keys=target_of(way, name), app=None)


@cases(
    dce_rpc=b"\x05\x00\x0b\x03\x10\x00\x00\x00\x48\x00\x00\x00" + bytes(60),
    dnp3=b"\x05\x64\x05\xc0\x01\x00\x0a\x00\xe0\x8c",
    greeting_without_methods=b"\x05\x00",
    greeting_and_rubbish=b"\x05\x01\x00" + b"GET / HTTP/1.1\r\nHost: nanopool.example\r\n\r\n",
    version_4_of_something=b"\x04\x00\x00\x00" + bytes(range(40)),
    length_of_name_beyond=b"\x05\x01\x00\x05\x01\x00\x03\xff" + b"a" * 20,
    udp_associate=b"\x05\x01\x00\x05\x03\x00\x01" + bytes(6),
)
def no_proxy_at_all(t, data):
    c = t.tcp(dport=2000)
    c.client(data)
    c.server(b"\x05\x00")
    c.client(b"and so on")
    t.replay().passed(c)

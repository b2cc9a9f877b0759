"""What a ClientHello tells besides its name (JA4, encrypted hello), names over records, and names in HTTP."""

import re

from harness import quic, tls
from harness.ja4 import ja4
from harness.messages import SUBSCRIBE, http_request, http_response, line
from harness.registry import case, cases

HOST = "xmr-eu1.nanopool.org"
NAME = {"recognised_by": "name", "list": "pool-names", "list_entry": "nanopool.org"}
ALGORITHMS = tls.extension(13, tls.sized(bytes.fromhex("04030804040105030805050108060601")))

# FoxIO's published example (technical_details/JA4.md): what a browser sends.
BROWSER = tls.client_hello(
    "www.example.org",
    before=[tls.grease(), *(tls.extension(kind, b"\0") for kind in (0x0005, 0x000B, 0x0012, 0x0015, 0x0017, 0x001B))],
    after=[
        ALGORITHMS,
        *(tls.extension(kind, b"\0") for kind in (0x0023, 0x002D, 0x0033, 0x4469, 0xFF01)),
        tls.grease(0x6A6A),
    ],
    ciphers=(
        0x3A3A, 0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC013, 0xC014, 0x009C, 0x009D,
        0x002F, 0x0035,
    ),
)  # fmt: skip

HELLOS = {
    "browser": BROWSER,
    "plain": tls.client_hello("www.example.org"),
    "no_name": tls.client_hello(None),
    "no_name_no_alpn": tls.client_hello(None, alpn=()),
    "no_alpn": tls.client_hello("www.example.org", alpn=()),
    "http_1": tls.client_hello("www.example.org", alpn=("http/1.1",)),
    "grease": tls.client_hello("www.example.org", before=[tls.grease()], ciphers=(0x8A8A, 0x1301, 0xC02F)),
    "algorithms": tls.client_hello("www.example.org", after=[ALGORITHMS]),
    "many_ciphers": tls.client_hello("www.example.org", ciphers=range(0x1300, 0x1360)),
    "one_cipher": tls.client_hello("www.example.org", ciphers=(0x1301,)),
}


@case
def published_vector(t):
    """A test of the harness: FoxIO computes t13d1516h2_8daaf6152771_e5627efa2ab1 for such a ClientHello."""
    assert ja4(BROWSER) == "t13d1516h2_8daaf6152771_e5627efa2ab1", ja4(BROWSER)
    c = t.tcp(dport=443)
    c.client(tls.records(BROWSER))
    t.replay().passed(c, keys={"tls": {"ja4": "t13d1516h2_8daaf6152771_e5627efa2ab1"}})


@cases(**HELLOS)
def fingerprint(t, hello):
    """In the flow line, with or without a name in the ClientHello; the same however it is cut."""
    flows = []
    for options in ({}, {"size": 11}, {"cuts": [40, 90]}):
        c = t.tcp(dport=443)
        c.client(tls.records(hello), **options)
        c.server(tls.SERVER_HELLO + tls.APPLICATION_DATA)
        flows.append(c)
    c = t.tcp(dport=443)
    c.client(tls.records(hello, size=33))
    flows.append(c)
    r = t.replay()
    for c in flows:
        r.passed(c, keys={"tls": {"ja4": ja4(hello)}}, app="tls")


@cases(**{key: hello for key, hello in HELLOS.items() if key in ("plain", "no_name", "algorithms")})
def fingerprint_of_quic(t, hello):
    u = t.udp(dport=443)
    u.client(quic.initial(quic.crypto(hello)))
    t.replay().passed(u, keys={"quic": {"ja4": ja4(hello, "q")}}, app="quic")


@case
def fingerprint_in_the_alert(t):
    hello = tls.client_hello(HOST, alpn=())
    c = t.tcp(dport=443)
    (cut,) = c.client(tls.records(hello))
    r = t.replay()
    r.blocked(c, at=cut, rule="pool-name", mining=NAME, keys={"tls": {"sni": HOST, "ja4": ja4(hello)}})
    r.each(lambda outcome: outcome.check(outcome.alerts[0]["tls"]["ja4"] == ja4(hello), f"{outcome.alerts[0]}"))


@cases(
    outer_name=(tls.client_hello("cover.example.org", after=[tls.extension(0xFE0D, bytes(180))]), True),
    no_name=(tls.client_hello(None, after=[tls.extension(0xFE0D, bytes(180))]), True),
    none=(tls.client_hello("cover.example.org"), None),
)
def encrypted_hello(t, what):
    """Its outer name counts, and the event says that there is an inner one."""
    hello, ech = what
    c = t.tcp(dport=443)
    c.client(tls.records(hello))
    c.server(tls.SERVER_HELLO)
    t.replay().passed(c, keys={"tls": {"ech": ech, "ja4": ja4(hello)}})


@cases(one=1, nine=9, fifty=50, two_hundred=200)
def records_of_a_listed_hello(t, size):
    flows = []
    for cut in (1, 5, 60, 130):
        c = t.tcp(client=f"10.30.0.{cut}", dport=443)
        c.client(tls.hello(HOST, size=size), cuts=[cut])
        flows.append(c)
    r = t.replay()
    for c in flows:
        r.blocked(c, rule="pool-name", mining=NAME)


@case
def hello_in_segments_of_any_order(t):
    flows = []
    for number, order in enumerate(([2, 1, 0], [1, 0, 2], [2, 0, 1])):
        c = t.tcp(client=f"10.30.0.{number + 1}", dport=443)
        c.pieces("client", tls.hello(HOST), [40, 75], order)
        flows.append(c)
    r = t.replay()
    for c in flows:
        r.blocked(c, rule="pool-name", mining=NAME)


PROXIED = {
    "absolute_form": http_request(method="GET", target=f"http://{HOST}:14444/", host=None),
    "absolute_form_beats_host": http_request(method="GET", target=f"http://{HOST}/", host="www.example.org"),
    "host_behind_a_harmless_target": http_request(method="GET", target="http://www.example.org/", host=HOST),
    "connect": http_request(method="CONNECT", target=f"{HOST}:443", host=f"{HOST}:443"),
    "connect_other_host": http_request(method="CONNECT", target=f"{HOST}:443", host="www.example.org"),
    "connect_upper_case": http_request(method="CONNECT", target="XMR-EU1.NANOPOOL.ORG:443", host=None),
}


@cases(**PROXIED)
def name_in_a_proxied_request(t, data):
    flows = []
    for size in (1448, 1, 13):
        c = t.tcp(dport=3128)
        c.client(data, size=size)
        flows.append(c)
    r = t.replay()
    for c in flows:
        r.blocked(c, rule="pool-name", mining=NAME)


@cases(
    ntp="pool.ntp.org",
    suffix="mynanopool.org",
    prefix="nanopool.org.example.com",
    label="nanopool.example.org",
    carpool="carpool.example.com",
    exchange="www.binance.com",
    explorer="etherscan.io",
    wallet="metamask.io",
    coin="getmonero.org",
)
def name_of_others(t, name):
    """In each carrier of names."""
    https, http, proxied, quic_flow = t.tcp(dport=443), t.tcp(dport=80), t.tcp(dport=3128), t.udp(dport=443)
    https.client(tls.hello(name))
    http.client(http_request(method="GET", host=name))
    proxied.client(http_request(method="CONNECT", target=f"{name}:443", host=name))
    quic_flow.client(quic.initial(quic.crypto(quic.hello(name))))
    r = t.replay()
    r.passed(https, keys={"tls": {"sni": name, "ja4": re.compile("t13d.*")}})
    r.passed(http, keys={"http": {"hostname": name}})
    r.passed(proxied, keys={"http": {"hostname": name}})
    r.passed(quic_flow, keys={"quic": {"sni": name, "ja4": re.compile("q13d.*")}})


@case
def resolver_over_https_is_told_where_the_rule_is_on(t):
    """The shipped rule is off; switched on, it reports and blocks nothing."""
    t.shipped(
        changes=[
            (
                'when = { any_name = "@doh-names"; };\n    action = "observe";\n    risk = 20;\n    category = "other";\n'
                "    enabled = false;",
                'when = { any_name = "@doh-names"; };\n    action = "observe";\n    risk = 20;\n    category = "other";',
            )
        ]
    )
    c, q = t.tcp(dport=443), t.udp(dport=443)
    c.client(tls.hello("cloudflare-dns.com"))
    q.client(quic.initial(quic.crypto(quic.hello("dns.google"))))
    r = t.replay()
    r.passed(c, action="observe", rule="doh-name", risk=20)
    r.passed(q, action="observe", rule="doh-name", risk=20)


@case
def stratum_behind_starttls_like_words(t):
    """Text first, as mail servers and some proxies send it; then the miner's first message."""
    c = t.tcp()
    c.client(b"HELO relay\r\n")
    c.server(b"220 go ahead\r\n")
    c.client(SUBSCRIBE)
    t.replay().blocked(c, mining={"dialect": "stratum-v1"})


@case
def web_then_mining_on_one_connection(t):
    """A relay that answers a web request and then connects to a pool."""
    c = t.tcp(dport=8080)
    c.client(http_request(method="GET"))
    c.server(http_response(b"hello"))
    c.client(http_request(method="GET"))
    c.server(http_response(b"hello"))
    (cut,) = c.client(line("mining.subscribe", []))
    t.replay().blocked(c, at=cut)

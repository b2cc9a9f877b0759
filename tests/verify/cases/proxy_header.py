"""The PROXY protocol's header in front of a connection: what stands behind it is read like its first bytes."""

from harness import proxy_header as proxy
from harness import socks, tls
from harness.messages import LOGIN, NOTIFY, SUBSCRIBE, http_request, line, text
from harness.nodes import setup_connection
from harness.registry import case, cases

SETUP = setup_connection()
PLAIN = {"dialect": "stratum-v2", "speaker": "miner", "method": "SetupConnection"}
NAME = {"recognised_by": "name", "list": "pool-names", "list_entry": "nanopool.org"}
HOST = "xmr-eu1.nanopool.org"
CRC = proxy.value(3, b"\x12\x34\x56\x78")
HEADERS = {
    "version1": proxy.version1(),
    "version1_ipv6": proxy.version1(proxy.CLIENT6, proxy.SERVER6),
    "version1_unknown": b"PROXY UNKNOWN\r\n",
    "version1_unknown_text": b"PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n",
    "version2": proxy.version2(),
    "version2_ipv6": proxy.version2(proxy.CLIENT6, proxy.SERVER6),
    "version2_local": proxy.version2(command=0x20, family=0),
    "version2_unix": proxy.version2(family=0x31, values=bytes(216)),
    "version2_values": proxy.version2(values=CRC + proxy.value(5, b"unique") + proxy.value(0xEA, bytes(300))),
    # An address and a value that look like the beginning of a line in JSON.
    "version2_brace_in_address": proxy.version2(client=("10.123.34.105", 50000)),
    "version2_brace_in_port": proxy.version2(server=("192.0.2.1", 0x0A7B)),
    "version2_brace_in_value": proxy.version2(values=proxy.value(4, b'\n{"a":[')),
    "version2_longest": proxy.version2(values=proxy.value(4, bytes(65535 - 12 - 3))),
    "two_headers": proxy.version1() + proxy.version2(),
}


@cases(**HEADERS)
def stratum2_behind_it(t, header):
    """Stratum V2 in the clear is found at first bytes only, so this shows that the header was read."""
    c = t.tcp(dport=34254)
    cut = c.client(header + SETUP)[-1]
    t.replay().blocked(c, at=cut, mining=PLAIN)


@cases(**{name: header for name, header in HEADERS.items() if len(header) < 1000})
def one_byte_per_segment(t, header):
    c = t.tcp(dport=34254)
    c.client(header + SETUP, size=1)
    t.replay().blocked(c, mining=PLAIN)


@cases(version1=proxy.version1(), version2=proxy.version2(values=CRC))
def every_cut(t, header):
    flows = []
    for cut in range(1, len(header) + 8):
        c = t.tcp(client=f"10.30.0.{cut}")
        c.client(header + SETUP, cuts=[cut])
        flows.append(c)
    r = t.replay()
    for c in flows:
        r.blocked(c, mining=PLAIN)


@cases(version1=proxy.version1(), version2=proxy.version2())
def header_in_a_segment_of_its_own(t, header):
    c = t.tcp()
    c.client(header)
    (cut,) = c.client(SETUP)
    t.replay().blocked(c, at=cut, mining=PLAIN)


@cases(version1=proxy.version1(), version2=proxy.version2())
def names_behind_it(t, header):
    """TLS, HTTP and SOCKS, and the header inside a tunnel."""
    hello, web, socked = t.tcp(dport=443), t.tcp(dport=80), t.tcp(dport=1080)
    hello.client(header + tls.hello(HOST))
    web.client(header + http_request(method="GET", host=HOST))
    socked.client(header + socks.GREETING + socks.connect(HOST, 3333))
    inner = t.tcp(dport=1080)
    inner.client(socks.GREETING + socks.connect("192.0.2.9", 3333) + header + SETUP)
    r = t.replay()
    for c in (hello, web, socked):
        r.blocked(c, rule="pool-name", mining=NAME)
    r.blocked(inner, mining=PLAIN)


@cases(version1=proxy.version1(), version2=proxy.version2())
def lines_behind_it(t, header):
    c = t.tcp(dport=3333)
    (cut,) = c.client(header + SUBSCRIBE)
    t.replay().blocked(c, at=cut, mining={"dialect": "stratum-v1"})


@cases(
    no_family=b"PROXY TCP9\n",
    half_a_line=b"PROXY TCP4 192.0.2.7\r\n",
    junk_in_the_line=b"PROXY TCP4 192.0.2.7 pool 1 2\r\n",
    bare_line_feed=b"PROXY UNKNOWN\n",
    long_line=b"PROXY UNKNOWN " + b"x" * 400 + b"\n",
    signature_only=proxy.SIGNATURE,
    version_1_in_binary=proxy.SIGNATURE + b"\x11\x11\n",
    body_that_never_ends=proxy.SIGNATURE + b"\x21\x11\xff\xff\n",
    unix_path=proxy.SIGNATURE + b"\x21\x31\x02\x00/x\r\n \t",
)
def decoy_in_front_of_a_line(t, decoy):
    """A pool that knows no such header skips it like any line that is not JSON."""
    whole, slow = t.tcp(), t.tcp()
    whole.client(decoy + LOGIN)
    slow.client(decoy + LOGIN, size=1)
    r = t.replay()
    r.blocked(whole, mining={"dialect": "cryptonote"})
    r.blocked(slow, mining={"dialect": "cryptonote"})


@case
def pool_answers_without_a_header(t):
    c = t.tcp()
    c.client(proxy.version2())
    (cut,) = c.server(NOTIFY)
    t.replay().blocked(c, at=cut, mining={"dialect": "stratum-v1", "speaker": "pool"})


@cases(**HEADERS)
def harmless_use(t, header):
    flows = []
    for number, said in enumerate(
        (
            http_request(method="GET", host="www.example.test"),
            tls.hello("www.example.test"),
            b"EHLO mail.example.test\r\nMAIL FROM:<miner@example.test>\r\n",
            line("eth_blockNumber", []),
            b"\x10\x0c\0\4MQTT\4\2\0\x3c\0\0",
        )
    ):
        c = t.tcp(client=f"10.31.0.{number + 1}", dport=8443)
        c.client(header + said)
        c.server(b"ok\r\n")
        flows.append(c)
    r = t.replay()
    for c in flows:
        r.passed(c)


@cases(
    word=b"PROXY is a word\r\n",
    quoted=b"PROXY UNKNOWN " + text({"method": "mining.subscribe"}) + b"\r\n",
    signature=proxy.SIGNATURE * 3,
)
def others_that_look_like_it(t, said):
    c = t.tcp(dport=7000)
    c.client(said)
    c.client(b"and so on\r\n" * 20)
    t.replay().passed(c)

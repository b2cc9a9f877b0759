"""TLS: the server's name in the ClientHello, however it is split."""

from harness import tls
from harness.registry import case, cases

NAME = {"recognised_by": "name", "list": "pool-names", "list_entry": "nanopool.org"}
HOST = "xmr-eu1.nanopool.org"


@cases(
    plain=tls.hello(HOST),
    no_alpn=tls.hello(HOST, alpn=()),
    upper_case=tls.hello("XMR-EU1.NanoPool.ORG"),
    grease_before=tls.hello(HOST, before=[tls.grease()]),
    name_last=tls.hello(None, after=[tls.extension(21, bytes(200)), tls.server_name(HOST)]),
    large_extension_before=tls.hello(HOST, before=[tls.extension(0x001B, bytes(900))]),
    records_of_one_byte=tls.hello(HOST, size=1),
    records_of_fifty_bytes=tls.hello(HOST, size=50),
    record_version_1_2=tls.records(tls.client_hello(HOST), version=b"\x03\x03"),
    many_ciphers=tls.hello(HOST, ciphers=range(0x1300, 0x1380)),
    ech_outer_name=tls.hello(HOST, after=[tls.extension(0xFE0D, bytes(180))]),
)
def pool_name(t, hello):
    c = t.tcp(dport=443)
    (cut,) = c.client(hello)
    c.server(tls.SERVER_HELLO)
    t.replay().blocked(c, at=cut, rule="pool-name", mining=NAME, keys={"tls": {"sni": HOST}})


@case
def any_port(t):
    c = t.tcp(dport=5222)
    (cut,) = c.client(tls.hello("donate.ssl.xmrig.com"))
    t.replay().blocked(c, at=cut, rule="pool-name", mining={"recognised_by": "name"})


@case
def every_cut_in_two(t):
    """The server never gets the whole ClientHello."""
    hello, flows = tls.hello(HOST), []
    for cut in range(1, len(hello)):
        c = t.tcp(client=f"10.30.{cut // 200}.{cut % 200 + 1}", dport=443)
        c.client(hello, cuts=[cut])
        flows.append(c)
    r = t.replay()
    for c in flows:
        r.blocked(c, rule="pool-name", mining=NAME)


@case
def one_byte_per_segment(t):
    c = t.tcp(dport=443)
    c.client(tls.hello(HOST), size=1)
    t.replay().blocked(c, rule="pool-name", mining=NAME)


@case
def large_hello_over_segments(t):
    """A post-quantum key share pushes the name into the second segment."""
    c = t.tcp(dport=443)
    hello = tls.hello(HOST, before=[tls.extension(51, bytes(1500))])
    cut = c.client(hello)[1]
    t.replay().blocked(c, at=cut, rule="pool-name", mining=NAME)


@case
def records_and_segments_do_not_align(t):
    c = t.tcp(dport=443)
    c.client(tls.hello(HOST, size=37), size=23)
    t.replay().blocked(c, rule="pool-name", mining=NAME)


@case
def browser_miner(t):
    c = t.tcp(dport=443)
    (cut,) = c.client(tls.hello("ws027.authedmine.com"))
    t.replay().blocked(
        c,
        at=cut,
        rule="browser-miner-name",
        risk=60,
        mining={"list": "browser-miner-names", "list_entry": "authedmine.com"},
    )


@case
def ipv6(t):
    c = t.tcp(v6=True, dport=443)
    (cut,) = c.client(tls.hello(HOST))
    t.replay().blocked(c, at=cut, rule="pool-name", mining=NAME)


@cases(
    web="www.example.org",
    ntp="pool.ntp.org",
    suffix_without_border="mynanopool.org",
    name_as_prefix="nanopool.org.example.com",
    adminer="www.adminer.com",
)
def other_name(t, name):
    c = t.tcp(dport=443)
    c.client(tls.hello(name))
    c.server(tls.SERVER_HELLO + tls.APPLICATION_DATA)
    c.client(tls.APPLICATION_DATA)
    c.close()
    t.replay().passed(c, keys={"tls": {"sni": name}, "flow": {"state": "closed"}})


@cases(
    no_name_no_alpn=tls.hello(None, alpn=()),
    empty_name=tls.hello(None, before=[tls.extension(0, tls.sized(b"\0" + tls.sized(b"")))]),
    address_as_name=tls.hello("203.0.113.9"),
    no_hello=b"\x16\x03\x01\x00\x04\x02\x00\x00\x00",
    cut_extensions=tls.hello(HOST)[:60],
    length_beyond_the_message=tls.records(tls.client_hello("www.example.org")[:-40]),
    alert=b"\x15\x03\x03\x00\x02\x02\x28",
    random_bytes=bytes((i * 73 + 19) & 255 for i in range(400)),
)
def nameless_or_malformed(t, hello):
    """A hint at most, never a verdict."""
    c = t.tcp(dport=443)
    c.client(hello)
    c.server(tls.SERVER_HELLO)
    c.client(tls.APPLICATION_DATA)
    t.replay().passed(c)


@case
def name_of_a_pool_inside_application_data(t):
    c = t.tcp(dport=443)
    c.client(tls.hello("www.example.org"))
    c.server(tls.SERVER_HELLO)
    c.client(b"\x17\x03\x03" + tls.sized(b"GET / HTTP/1.1\r\nHost: nanopool.org\r\n\r\n"))
    t.replay().passed(c)

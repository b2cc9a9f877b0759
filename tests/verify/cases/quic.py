"""QUIC: the server's name in a client's Initials, in any order and number of packets."""

import itertools

from harness import quic, tls
from harness.quic import ACK, PING, V1, V2, crypto, crypto_pieces, initial
from harness.registry import case, cases

HOST = "xmr-eu1.nanopool.org"
NAME = {"recognised_by": "name", "list": "pool-names", "list_entry": "nanopool.org"}
HELLO, OTHER = quic.hello(HOST), quic.hello("www.example.org")
VERSIONS = {"v1": V1, "v2": V2}
LARGE = quic.hello(HOST, before=[tls.extension(51, bytes(1300))])


def flow(t, **options):
    return t.udp(server="203.0.113.9", dport=443, **options)


def blocked(r, u, at=None):
    r.blocked(u, at=at, rule="pool-name", mining=NAME, keys={"quic": {"sni": HOST}}, app="quic")


@case
def keys_are_those_of_the_specification(t):
    """RFC 9001, A.1 and RFC 9369, A.1: a test of the harness."""
    assert quic.keys(V1, quic.ID)[0].hex() == "1f369613dd76d5467730efcbe3b1a22d"
    assert quic.keys(V1, quic.ID)[1].hex() == "fa044b2f42a3fd3b46fb255c"
    assert quic.keys(V2, quic.ID)[0].hex() == "8b1a0bc121284290a29e0971b5cd045d"
    t.udp().client(b"x")
    t.replay()


@cases(**VERSIONS)
def pool_name(t, version):
    u = flow(t)
    first = u.client(initial(crypto(HELLO), version))
    u.server(quic.short_packet())
    r = t.replay()
    blocked(r, u, at=first)
    r.each(lambda outcome: check_ja4(outcome, "q"))


def check_ja4(outcome, transport):
    for event in outcome.flows:
        seen = event["quic"].get("ja4", "")
        outcome.check(seen.startswith(transport), f"ja4 {seen!r}")


@cases(**VERSIONS)
def other_name(t, version):
    u = flow(t)
    u.client(initial(crypto(OTHER), version))
    u.server(quic.short_packet(900))
    for _ in range(8):
        u.client(quic.short_packet())
    t.replay().passed(u, keys={"quic": {"sni": "www.example.org"}}, app="quic")


PAYLOADS = {
    "pieces_in_order": b"".join(crypto_pieces(HELLO, [40, 100])),
    "pieces_reversed": b"".join(reversed(crypto_pieces(HELLO, [40, 100]))),
    "pieces_of_one_byte": b"".join(crypto_pieces(HELLO[:220], range(1, 220))) + crypto(HELLO[220:], 220),
    "ping_and_padding_between": bytes(20).join([PING, *crypto_pieces(HELLO, [7, 90]), PING]),
    "ack_first": ACK + crypto(HELLO),
    "piece_twice": b"".join(crypto_pieces(HELLO, [60])) + crypto_pieces(HELLO, [60])[0],
    "overlapping_alike": crypto(HELLO[:120]) + crypto(HELLO[80:], 80),
}


@cases(**PAYLOADS)
def frames_of_the_hello(t, payload):
    u = flow(t)
    first = u.client(initial(payload))
    blocked(t.replay(), u, at=first)


@case
def hello_cut_everywhere(t):
    """In two CRYPTO frames, the second one first, at each position."""
    flows = []
    for cut in range(1, len(HELLO)):
        u = flow(t, client=f"10.30.{cut // 200}.{cut % 200 + 1}")
        u.client(initial(b"".join(reversed(crypto_pieces(HELLO, [cut])))))
        flows.append(u)
    r = t.replay()
    for u in flows:
        blocked(r, u)


@cases(in_order=(0, 1), reversed=(1, 0))
def over_two_datagrams(t, order):
    """A post-quantum key share: the datagram that completes the ClientHello is dropped."""
    parts = [initial(crypto(LARGE[:1000]), number=0), initial(crypto(LARGE[1000:], 1000), number=1)]
    u = flow(t)
    sent = [u.client(parts[number]) for number in order]
    blocked(t.replay(), u, at=sent[-1])


@cases(**{"".join(map(str, order)): order for order in itertools.permutations(range(3))})
def over_three_datagrams(t, order):
    huge = quic.hello(HOST, before=[tls.extension(51, bytes(2500))])
    parts = [initial(crypto(huge[at : at + 1000], at), number=at // 1000) for at in (0, 1000, 2000)]
    u = flow(t)
    sent = [u.client(parts[number]) for number in order]
    blocked(t.replay(), u, at=sent[-1])


@case
def two_initials_in_one_datagram(t):
    u = flow(t)
    first = u.client(initial(crypto(HELLO[:100]), pad=0) + initial(crypto(HELLO[100:], 100), number=1, pad=800))
    blocked(t.replay(), u, at=first)


@case
def sent_again_after_silence(t):
    """The first Initial was lost behind us: the second is judged as well."""
    u = flow(t)
    u.client(initial(crypto(HELLO[:100])))
    t.wait(1)
    again = u.client(initial(crypto(HELLO), number=1))
    blocked(t.replay(), u, at=again)


@cases(**VERSIONS)
def after_retry(t, version):
    """The server wants its token first; keys and connection ID change then."""
    new = bytes.fromhex("f067a5502a4262b5")
    u = flow(t)
    u.client(initial(crypto(HELLO[:60]), version))
    u.server(quic.retry(new, b"token", version))
    second = u.client(initial(crypto(HELLO), version, identity=new, number=1, token=b"token"))
    blocked(t.replay(), u, at=second)


@case
def after_version_negotiation(t):
    u = flow(t)
    reserved = b"\xca\x1a\x2a\x3a\x4a" + initial(crypto(OTHER))[5:]
    u.client(reserved)
    u.server(quic.version_negotiation())
    second = u.client(initial(crypto(HELLO)))
    blocked(t.replay(), u, at=second)


@case
def second_connection_on_the_same_socket(t):
    u = flow(t)
    u.client(initial(crypto(OTHER)))
    u.server(quic.short_packet())
    second = u.client(initial(crypto(HELLO), identity=bytes(range(8))))
    blocked(t.replay(), u, at=second)


@cases(port=4433, alternative=8443, mining_port=3333)
def any_port(t, port):
    u = t.udp(dport=port)
    first = u.client(initial(crypto(HELLO)))
    blocked(t.replay(), u, at=first)


@case
def ipv6(t):
    u = t.udp(v6=True, dport=443)
    first = u.client(initial(crypto(HELLO)))
    blocked(t.replay(), u, at=first)


@case
def empty_source_id_and_a_token(t):
    u = flow(t)
    first = u.client(initial(crypto(HELLO), source=b"", token=bytes(range(60))))
    blocked(t.replay(), u, at=first)


@case
def long_connection_id(t):
    u = flow(t)
    first = u.client(initial(crypto(HELLO), identity=bytes(range(20))))
    blocked(t.replay(), u, at=first)


@case
def encrypted_hello_inside_is_told(t):
    u = flow(t)
    first = u.client(initial(crypto(quic.hello(HOST, after=[tls.extension(0xFE0D, bytes(150))]))))
    t.replay().blocked(u, at=first, rule="pool-name", mining=NAME, keys={"quic": {"sni": HOST, "ech": True}})


@case
def all_that_follows_stays_here(t):
    u = flow(t)
    first = u.client(initial(crypto(HELLO)))
    u.server(quic.short_packet(1200))
    u.client(quic.short_packet())
    t.replay().blocked(u, at=first, rule="pool-name", mining=NAME)


BROKEN = {
    "tag": initial(crypto(HELLO))[:-1] + b"\0",
    "made_for_another_id": initial(crypto(HELLO), made_for=bytes(8)),
    "cut": initial(crypto(HELLO))[:700],
    "length_beyond": initial(crypto(HELLO))[:40],
    "short_header": quic.short_packet(1199),
    "unknown_version": b"\xc0\x00\x00\x00\x77" + bytes(1195),
    "zero_version": quic.version_negotiation((V1, V2)),
    "no_hello": initial(PING),
    "server_hello": initial(crypto(b"\x02" + tls.sized(bytes(90), 3))),
    "random": bytes((at * 73 + 200) & 255 | (0x80 if at == 0 else 0) for at in range(1200)),
    "name_in_a_nameless_hello": initial(crypto(quic.hello(None))),
    "dtls": bytes.fromhex("16fefd0000000000000000") + bytes(200),
    "stun": bytes.fromhex("000100002112a442") + bytes(20),
}


@cases(**BROKEN)
def no_name_to_be_read(t, data):
    """A receiver could not read a name either: the packet passes, without an event."""
    u = flow(t)
    for _ in range(3):
        u.client(data)
        u.server(quic.short_packet())
    t.replay().passed(u)


@case
def hundred_connections_side_by_side(t):
    """States are taken and given back."""
    flows = []
    for number in range(100):
        u = flow(t, client=f"10.20.{number}.5")
        listed = number % 4 == 0
        data = LARGE if listed else OTHER
        u.client(initial(crypto(data[:1000])))
        flows.append((u, listed, data))
    for u, _, data in flows:
        if len(data) > 1000:
            u.client(initial(crypto(data[1000:], 1000), number=1))
    r = t.replay()
    for u, listed, _ in flows:
        if listed:
            blocked(r, u)
        else:
            r.passed(u, keys={"quic": {"sni": "www.example.org"}})

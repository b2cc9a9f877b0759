"""Monero's P2Pool: peers that prove work to each other, recognised by both halves of their handshake."""

from harness.nodes import LISTEN_PORT, challenge, noise, solution
from harness.registry import case, cases

A, B = "alice", "bob"
FOUND = {"dialect": "p2pool", "recognised_by": "payload", "method": "HANDSHAKE_SOLUTION"}


def greet(c):
    c.client(challenge(A))
    c.server(challenge(B))


@case
def handshake(t):
    c = t.tcp(dport=37889)
    greet(c)
    (cut,) = c.client(solution(A) + LISTEN_PORT)
    c.server(solution(B))
    t.replay().blocked(c, at=cut, mining=FOUND, app="p2pool")


@case
def challenges_cross(t):
    """Both speak at once, the server first on the wire."""
    c = t.tcp(dport=37888)
    c.server(challenge(B))
    c.client(challenge(A))
    (cut,) = c.client(solution(A))
    t.replay().blocked(c, at=cut, mining=FOUND)


@case
def server_solves_first(t):
    c = t.tcp()
    greet(c)
    c.server(solution(B, work=False))
    (cut,) = c.client(solution(A))
    t.replay().blocked(c, at=cut, mining=FOUND)


@cases(one=1, five=5, sixteen=16, forty=40)
def segments_do_not_matter(t, size):
    c = t.tcp(dport=37890)
    c.client(challenge(A), size=size)
    c.server(challenge(B), size=size)
    c.client(solution(A) + LISTEN_PORT, size=size)
    t.replay().blocked(c, mining=FOUND)


@case
def solution_cut_everywhere(t):
    """The peer never gets a whole solution."""
    flows = []
    for cut in range(1, 41):
        c = t.tcp(client=f"10.30.0.{cut}", dport=37889)
        greet(c)
        c.client(solution(A), cuts=[cut])
        flows.append(c)
    r = t.replay()
    for c in flows:
        r.blocked(c, mining=FOUND)


@case
def ipv6(t):
    c = t.tcp(v6=True, dport=37889)
    greet(c)
    (cut,) = c.client(solution(A))
    t.replay().blocked(c, at=cut, mining=FOUND)


@cases(
    no_work=(challenge(A), challenge(B), solution(A, work=False) + LISTEN_PORT, solution(B, work=False)),
    one_peer_id=(challenge(A), challenge(A), solution(A), solution(A)),
    zeros=(bytes(17), bytes(17), b"\x01" + bytes(40), b"\x01" + bytes(40)),
    text=(b"\x00" + b"a" * 16, b"\x00" + b"b" * 16, b"\x01" + b"c" * 40, b"\x02abcd"),
    other_first_byte=(b"\x03" + noise(16, A), challenge(B), solution(A), solution(B)),
    no_answer=(challenge(A) + solution(A), b"", noise(100, "x"), b""),
    one_byte_more=(challenge(A) + b"\x55", challenge(B), solution(A), solution(B)),
    server_of_another_protocol=(challenge(A), b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b""),
    random=(noise(17, "p"), noise(17, "q"), noise(41, "r"), noise(41, "s")),
)
def looks_alike(t, turns):
    c = t.tcp(dport=37889)
    for number, said in enumerate(turns):
        if said:
            c.send("client" if number % 2 == 0 else "server", said)
    c.close()
    t.replay().passed(c, action="observe", rule="mining-port", risk=20)

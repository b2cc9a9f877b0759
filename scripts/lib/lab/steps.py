"""The demo's steps: an action on one side of the wire, the expected result, and the real one.

Each step is a function that returns what was seen as a short text; the demo compares it with the expectation.
"""

import dataclasses
import typing

from .servers import PLAIN_PORT, POOL_NAME, WEB_NAME
from .topology import OFFICE, POOL, RIG, UNSANCTIONED, WEB


@dataclasses.dataclass
class Step:
    title: str  # one line of the table
    why: str  # shown before the step
    expected: str
    look: typing.Callable[[], str]


def all_steps(scene):
    """In the order of the story: the network works, names, payload, allowed hosts, rules that only report."""
    pool_url = f"https://{POOL_NAME}/"
    by_address = ("--resolve", f"{POOL_NAME}:443:{WEB[0]}")
    blocked = "miner reset, pool received 0 requests"
    yield Step(
        "web over HTTP",
        f"curl http://{WEB_NAME}/ from the office host {OFFICE[0]}.",
        "200",
        lambda: scene.fetch(f"http://{WEB_NAME}/"),
    )
    yield Step(
        "web over HTTPS",
        "The same with TLS; the certificate is verified.",
        "200",
        lambda: scene.fetch(f"https://{WEB_NAME}/"),
    )
    yield Step(
        "web over IPv6",
        f"HTTPS to {WEB[1]}.",
        "200",
        lambda: scene.fetch(f"https://{WEB_NAME}/", "-6", source=OFFICE[1]),
    )
    yield Step("ping", "ICMP is none of our business.", "3 received of 3", lambda: scene.ping(WEB[0]))
    yield Step("ping over IPv6", "Nor is ICMPv6.", "3 received of 3", lambda: scene.ping(WEB[1]))
    yield Step(
        "DNS, a web name", f"dig {WEB_NAME} through the wire.", WEB[0], lambda: scene.resolve(WEB_NAME)
    )
    yield Step(
        "DNS, a pool's name, behind the wire",
        f"The DNS server itself knows {POOL_NAME}.",
        POOL[0],
        lambda: scene.resolve(POOL_NAME, namespace=scene.lab.internet),
    )
    yield Step(
        "DNS, a pool's name, through the wire",
        "The same question through the wire is answered by minerwalld.",
        "NXDOMAIN",
        lambda: scene.resolve(POOL_NAME),
    )
    yield Step(
        "  and its event",
        "It says by which rule and list.",
        "pool-dns, list pool-names",
        scene.sinkhole_event,
    )
    yield Step(
        "TLS to a pool's name",
        f"A TLS server name {POOL_NAME} at {WEB[0]}.",
        "reset",
        lambda: scene.fetch(pool_url, *by_address),
    )
    yield Step(
        "TLS to the same address, another name",
        "The address is not to blame: another name works.",
        "200",
        lambda: scene.fetch(f"https://{WEB_NAME}/", "--resolve", f"{WEB_NAME}:443:{WEB[0]}"),
    )
    for dialect, label in (("stratum", "Stratum"), ("cryptonote", "CryptoNote"), ("ethproxy", "ETHPROXY")):
        yield Step(
            f"{label} miner",
            f"{UNSANCTIONED[0]} mines at an address and port that no list has.",
            blocked,
            lambda dialect=dialect: scene.cut(dialect, POOL[0], UNSANCTIONED[0]),
        )
    yield Step(
        "Stratum miner, one byte per segment",
        "Cutting the message up does not help.",
        blocked,
        lambda: scene.cut("stratum", POOL[0], UNSANCTIONED[0], "--segment", "1"),
    )
    yield Step(
        "  what the pool is left with",
        "The bytes before the last one had passed; a request they are not.",
        "pool has fragments only",
        scene.pool_fragments,
    )
    yield Step(
        "Stratum miner over IPv6",
        f"{UNSANCTIONED[1]} tries {POOL[1]}.",
        blocked,
        lambda: scene.cut("stratum", POOL[1], UNSANCTIONED[1]),
    )
    yield Step(
        "  and the miner's event",
        "ATT&CK technique, risk score and rule, as the SIEM gets them.",
        "T1496, risk 84, rule mining-payload",
        scene.miner_event,
    )
    for dialect, label in (("stratum", "Stratum"), ("cryptonote", "CryptoNote"), ("ethproxy", "ETHPROXY")):
        yield Step(
            f"{label} at a sanctioned host",
            f"{RIG[0]} is on the list sanctioned-rigs.",
            "share accepted, pool has the requests",
            lambda dialect=dialect: scene.allowed(dialect),
        )
    yield Step(
        f"web page on port {PLAIN_PORT}",
        "A port that miners like is reported, not blocked.",
        "200, observe by mining-port",
        scene.harmless_port,
    )

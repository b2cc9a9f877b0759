"""Miners of three dialects against a pool that records: a blocked one never gets a complete request through."""

import socket

from harness import RoutedSite, expect, expect_true
from lab.process import eventually
from lab.servers import EAGER_PORTS, EVE_DIALECTS, POOL_PORTS, WEB_NAME
from lab.topology import OFFICE, POOL, RIG, UNSANCTIONED

ACCEPTED, RESET = 0, 2
DIALECTS = tuple(POOL_PORTS)


class MinersSite(RoutedSite):
    def end(self):
        """Every flow of the unsanctioned host has a line that says that it was reset and why."""
        super().end()
        flows = [
            event
            for event in self.daemon.events("flow")
            if event["src_ip"] in UNSANCTIONED and event["proto"] == "TCP"
        ]
        expect_true(len(flows) > 40, f"{len(flows)} flow events of the unsanctioned host")
        verdicts = {(event["verdict"]["action"], event["verdict"]["rule"]) for event in flows}
        expect(verdicts, {("reset", "mining-payload")}, "verdicts of its flows")


def open_site(program):
    return MinersSite(program)


def expect_cut(site, source, dialect, *extra, **where):
    code, line = site.mine(source, dialect, *extra, **where)
    expect(code, RESET, f"{dialect} {' '.join(extra)}: {line}")
    expect(site.pool.requests(peer=source), [], f"{dialect} {' '.join(extra)}: complete requests at the pool")


def test_each_dialect_is_cut(site):
    for dialect in DIALECTS:
        expect_cut(site, UNSANCTIONED[0], dialect)


def test_each_dialect_is_cut_over_ipv6(site):
    for dialect in DIALECTS:
        expect_cut(site, UNSANCTIONED[1], dialect, host=POOL[1])


def test_other_first_messages_are_cut(site):
    for first in ("configure", "authorize"):
        expect_cut(site, UNSANCTIONED[0], "stratum", "--first", first)


def test_one_byte_per_segment(site):
    for dialect in DIALECTS:
        expect_cut(site, UNSANCTIONED[0], dialect, "--segment", "1", "--pause", "0.001")


def test_first_message_cut_at_many_positions(site):
    for dialect in DIALECTS:
        for split in ("1", "2", "9", "14", "20", "31", "44", "60", "1,2,3", "10,30,50"):
            expect_cut(site, UNSANCTIONED[0], dialect, "--split", split, "--pause", "0.005")


def test_pool_side_is_closed_too(site):
    """The pool's connections end with a reset, and not with its timeout."""
    ends = [fragment["end"] for fragment in site.pool.fragments()]
    expect_true(len(ends) > 10, f"{len(ends)} connections left bytes behind")
    expect(set(ends), {"ConnectionResetError"})
    open_now = site.scene.run(
        ["ss", "-Htn", "state", "established", f"sport = :{POOL_PORTS['stratum']}"], site.lab.internet
    )
    expect(open_now.stdout, "", "connections that the pool still holds open")


def test_pool_speaking_first_is_recognised(site):
    """The client is silent: the pool's job alone recognises the flow, and the client never gets it."""
    for dialect, port in EAGER_PORTS.items():
        code, line = site.mine(OFFICE[0], dialect, "--mute", port=port)
        expect(code, RESET, f"{dialect}: {line}")


def test_events_say_who_and_what(site):
    def alert(dialect):
        return lambda event: (
            event["event_type"] == "alert"
            and event.get("mining", {}).get("dialect") == EVE_DIALECTS[dialect]
            and event["src_ip"] == UNSANCTIONED[0]
        )

    for dialect in DIALECTS:
        event = site.daemon.wait_for_event(alert(dialect))
        expect_true(event is not None, f"no alert for {dialect}")
        expect((event["dest_ip"], event["dest_port"]), (POOL[0], POOL_PORTS[dialect]))
        expect(event["alert"]["action"], "blocked")
        expect(event["verdict"]["action"], "reset")
        mining = event["mining"]
        expect((mining["rule"], mining["risk"], mining["attack_id"]), ("mining-payload", 84, "T1496"))
        expect_true(len(mining["evidence"]) > 0, "evidence")


def test_wallets_are_shortened_in_events(site):
    text = site.daemon.events_path.read_text("utf-8")
    for wallet in ("4" + "8" * 94, "0x" + "ab" * 20, "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"):
        expect(wallet in text, False, wallet)


def test_blocked_again_on_a_second_try(site):
    for _ in range(3):
        expect_cut(site, UNSANCTIONED[0], "stratum")


def test_blocked_on_the_same_source_port(site):
    """A new connection with the five-tuple of a blocked one is judged again, and blocked."""
    for _ in range(2):
        with site.lab.hosts.entered():
            client = socket.socket()
        with client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            client.settimeout(3)
            client.bind((UNSANCTIONED[0], 23456))
            client.connect((POOL[0], POOL_PORTS["stratum"]))
            client.sendall(b'{"id":1,"method":"mining.subscribe","params":["x/1.0"]}\n')
            try:
                client.recv(100)
                raise AssertionError("the pool answered, or closed without a reset")
            except ConnectionResetError:
                pass
    expect(site.pool.requests(peer=UNSANCTIONED[0]), [])


def test_mining_over_http_is_cut(site):
    """getwork and similar dialects use POST; the web server never answers."""
    bodies = (
        '{"method":"getwork","params":[],"id":1}',
        '{"id":0,"method":"getblocktemplate","params":[{"capabilities":["coinbasetxn","workid"]}]}',
        '{"jsonrpc":"2.0","id":1,"method":"eth_getWork","params":[]}',
    )
    for body in bodies:
        seen = site.scene.fetch(
            f"http://{WEB_NAME}/", "--data-binary", body, "-H", "Content-Type: application/json"
        )
        expect(seen, "reset", body)
    other = '{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]}'
    expect(site.scene.fetch(f"http://{WEB_NAME}/", "--data-binary", other), "405", "a wallet's call")
    log = (site.lab.directory / "nginx-access.log").read_text("utf-8")
    expect(log.count("POST"), 1, "requests that the server has seen")


def test_harmless_json_rpc_passes(site):
    """The pool's port speaks JSON lines to any client; an editor's JSON-RPC is not mining and gets its answer."""
    with site.lab.hosts.entered():
        client = socket.socket()
    with client:
        client.settimeout(3)
        client.bind((OFFICE[0], 0))
        client.connect((POOL[0], POOL_PORTS["cryptonote"]))
        client.sendall(
            b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"worker":"main","capabilities":{}}}\n'
        )
        expect_true(b"unsupported method" in client.recv(1000), "an answer")
    expect_true(eventually(lambda: len(site.pool.requests(peer=OFFICE[0])) == 1), "the pool has the request")


def test_sanctioned_host_may_mine(site):
    for dialect in DIALECTS:
        for source, pool in zip(RIG, POOL):
            code, line = site.mine(source, dialect, host=pool)
            expect(code, ACCEPTED, f"{dialect} from {source}: {line}")
            expect_true(
                any(record["dialect"] == dialect for record in site.pool.requests(peer=source)),
                f"{dialect} at the pool",
            )


def test_unsanctioned_pool_record_is_still_empty(site):
    for address in UNSANCTIONED:
        expect(site.pool.requests(peer=address), [])

"""A network that loses, doubles, reorders and fragments packets, before the wire, behind it and at both ends. What
arrives without the daemon arrives with it, and miners are still cut.

Behind the wire, a loss means that the daemon has seen bytes which their receiver has not. The daemon sees them again
in segments with other borders.
"""

import collections
import concurrent.futures
import contextlib
import itertools
import random
import socket
import threading
import time

from disorder_site import (
    BOTH,
    DIRECT,
    FAR,
    NEAR,
    PATIENCE,
    SECOND_UNSANCTIONED,
    DisorderSite,
    allow_fragments,
    expect_no_drop,
    open_socket,
)
from frames import SO_RCVBUFFORCE
from harness import expect, expect_true
from lab.daemon import metric_sum
from lab.servers import POOL_PORTS, WEB_NAME
from lab.topology import DNS, GATEWAY, OFFICE, POOL, RIG, UNSANCTIONED, WEB
from transfers import Transfer, cut, digest, http_talk, json_talk, random_talk, read_all, send_all, transfer_all

ROUGH = {"drop": 0.015, "duplicate": 0.02, "reorder": 0.05}
LOSSLESS = {"duplicate": 0.1, "reorder": 0.2}
PORT = 8080
ACCEPTED, RESET = 0, 2
DATAGRAMS, DATAGRAM_BYTES = 300, 5000
BULK_BYTES = 3 << 20
SHORT_CONNECTIONS = 80


def open_site(program):
    return DisorderSite(program)


# UDP ----------------------------------------------------------------------------------------------


def datagrams(seed):
    source = random.Random(seed)
    return [
        number.to_bytes(4, "big") + source.randbytes(DATAGRAM_BYTES - 4 + number % 9)
        for number in range(DATAGRAMS)
    ]


def carried(sender, receiver, contents, enough=None):
    """Sends the datagrams, fragmented by the kernel; returns those that a socket at the other end reads."""
    got = []
    with open_socket(*receiver, socket.SOCK_DGRAM, PORT) as target:
        target.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 32 << 20)
        with open_socket(*sender, socket.SOCK_DGRAM) as source:
            for number, content in enumerate(contents):
                source.sendto(content, (receiver[1], PORT))
                if number % 10 == 9:
                    time.sleep(0.002)
        with contextlib.suppress(TimeoutError):
            while len(got) < 2 * len(contents):
                target.settimeout(0.05 if len(got) == enough else 0.3)
                got.append(target.recv(65536))
    return got


def compare_datagrams(site, seed, **how):
    """Sends the same datagrams in fragments with the same losses past the daemon and through it; returns how many
    arrived.
    """
    contents = datagrams(seed)

    def both_ways_of_both(hosts, servers_, counts):
        for family, turn in itertools.product((0, 1), (1, -1)):
            ends = ((site.lab.hosts, hosts[family]), (site.lab.internet, servers_[family]))[::turn]
            yield carried(*ends, contents, next(counts, None))

    with site.disorder(("past",), seed, **how):
        wanted = list(both_ways_of_both(*DIRECT, iter(() if "drop" in how else [DATAGRAMS] * 4)))
    expect_true(
        all(set(one) <= set(contents) for one in wanted), "datagrams put together wrongly without the daemon"
    )
    for places in (NEAR, FAR):
        with site.disorder(places, seed, **how):
            seen = list(both_ways_of_both(OFFICE, WEB, map(len, wanted)))
        for way, one, other in zip(("IPv4 out", "IPv4 in", "IPv6 out", "IPv6 in"), wanted, seen):
            one, other = collections.Counter(one), collections.Counter(other)
            counts = (sum((one - other).values()), sum((other - one).values()))
            expect(counts, (0, 0), f"{places}, {way}: datagrams missing and added, of {sum(one.values())}")
    expect_no_drop(site)
    return list(map(len, wanted))


def test_large_datagrams_in_disorder(site):
    counts = compare_datagrams(site, 11, **LOSSLESS)
    expect(counts, [DATAGRAMS] * 4)


def test_large_datagrams_of_which_some_lose_fragments(site):
    """As above, and a router with a small MTU cuts the IPv4 fragments once more."""
    counts = compare_datagrams(site, 12, mtu=576, **ROUGH)
    expect_true(
        all(DATAGRAMS // 3 < count < DATAGRAMS for count in counts), f"{counts} of {DATAGRAMS} arrived"
    )


# TCP ----------------------------------------------------------------------------------------------


def test_bulk_both_ways(site):
    for number, places in enumerate((NEAR, FAR, BOTH)):
        talks = (http_talk([1 << 14] * (BULK_BYTES >> 14), number), random_talk(BULK_BYTES, number))
        with site.disorder(places, **ROUGH):
            transfer_all(
                [Transfer(site, *ends, *talk) for ends, talk in itertools.product(zip(OFFICE, WEB), talks)]
            )
    expect_no_drop(site)


def test_small_writes_at_once(site):
    """Without Nagle each write is a segment; lost segments come again merged with their neighbours."""
    for number, places in enumerate((NEAR, FAR, BOTH)):
        talks = [
            [cut(pieces, 160, number) for pieces in talk]
            for talk in (http_talk([1 + size % 200 for size in range(1500)], number), json_talk(250, number))
        ]
        with site.disorder(places, **ROUGH):
            transfer_all(
                [
                    Transfer(site, *ends, *talk, nodelay=True, pause=0.001)
                    for ends, talk in itertools.product(zip(OFFICE, WEB), talks)
                ]
            )
    expect_no_drop(site)


def test_small_writes_merged(site):
    """With Nagle, the borders depend on which acknowledgement was lost."""
    for number, places in enumerate((FAR, BOTH)):
        talk = [cut(pieces, 160, number) for pieces in http_talk(range(1, 900), number)]
        with site.disorder(places, **ROUGH):
            transfer_all([Transfer(site, *ends, *talk, pause=0.001) for ends in zip(OFFICE, WEB)])
    expect_no_drop(site)


def test_path_becomes_narrower_midway(site):
    """Bytes sent in large segments come again in smaller ones with other borders."""

    def routes(action, *extra):
        for to_server, to_host, via in zip(WEB, OFFICE, GATEWAY):
            site.lab.hosts.ip("route", action, to_server, "via", via, *extra)
            site.lab.internet.ip("route", action, to_host, "dev", "wan0", *extra)

    def narrow():
        for mtu in (1400, 1300, 1450, 1281):
            time.sleep(0.1)
            routes("replace", "mtu", str(mtu))

    for number, places in enumerate((NEAR, FAR)):
        talk = http_talk([1 << 14] * (2 * BULK_BYTES >> 14), number)
        with site.disorder(places, drop=0.03, duplicate=0.02, reorder=0.05):
            transfers = [Transfer(site, *ends, *talk) for ends in zip(OFFICE, WEB)]
            routes("replace", "mtu", "1500")
            try:
                transfer_all(transfers, narrow)
            finally:
                routes("del")
    expect_no_drop(site)


def test_ipv4_packets_fragmented_on_the_way(site):
    """Hosts that allow it, and a router that does it: each segment comes in three pieces, in any order.

    Each connection has two addresses of its own: IPv4 has few identifications, and the daemon remembers a packet longer
    than its hosts do (docs/adr/0010).
    """
    servers_of = {NEAR: WEB[0], FAR: DNS[0], BOTH: POOL[0]}
    allow_fragments(site, True)
    try:
        for places, server in servers_of.items():
            with site.disorder(places, mtu=576, **ROUGH):
                transfer_all([Transfer(site, OFFICE[0], server, *http_talk([1 << 13] * 40, len(server)))])
    finally:
        allow_fragments(site, False)
    expect_no_drop(site)


def serve_digests(listener, threads):
    """Answers each connection with a digest of what it sent, until the listener is shut down."""

    def serve(accepted):
        with accepted:
            accepted.settimeout(PATIENCE)
            accepted.sendall(digest([read_all(accepted)]).encode() * 40)

    with contextlib.suppress(OSError):
        while True:
            threads.submit(serve, listener.accept()[0])


def test_many_short_connections(site):
    """Each asks for a digest of what it sends; forty at a time, because a lost SYN costs a second."""
    contents = random.Random(6)

    def ask(client, address, content):
        with client:
            client.connect((address, PORT))
            send_all(client, [content[:300], content[300:]], 0)
            return read_all(client) == digest([content]).encode() * 40

    for places in (NEAR, FAR, BOTH):
        with contextlib.ExitStack() as stack:
            stack.enter_context(site.disorder(places, **ROUGH))
            threads = stack.enter_context(concurrent.futures.ThreadPoolExecutor(80))
            listeners = [open_socket(site.lab.internet, address, socket.SOCK_STREAM, PORT) for address in WEB]
            for listener in listeners:
                stack.enter_context(listener)
                stack.callback(listener.shutdown, socket.SHUT_RDWR)
                listener.listen(256)
                threading.Thread(target=serve_digests, args=(listener, threads), daemon=True).start()
            clients = stack.enter_context(concurrent.futures.ThreadPoolExecutor(40))
            answers = []
            for number in range(SHORT_CONNECTIONS):
                client = open_socket(site.lab.hosts, OFFICE[number % 2], socket.SOCK_STREAM)
                content = contents.randbytes(2000 + number)
                answers.append(clients.submit(ask, client, WEB[number % 2], content))
            right = [answer.result() for answer in answers].count(True)
            expect(right, SHORT_CONNECTIONS, f"{places}: right answers")
    expect_no_drop(site)


# Programs -----------------------------------------------------------------------------------------


def test_http_and_https_by_nginx_and_curl(site):
    content = random.Random(7).randbytes(2 << 20)
    (site.lab.directory / "www/disorder").write_bytes(content)
    given = site.lab.directory / "given"
    given.write_bytes(content)

    def curl(scheme, family, path, *extra):
        address = WEB[family] if family == 0 else f"[{WEB[family]}]"
        at = f"{WEB_NAME}:{443 if scheme == 'https' else 80}:{address}"
        argv = ["curl", "-sS", "--fail", "--noproxy", "*", "--max-time", str(PATIENCE), "--resolve", at]
        argv += ["--interface", OFFICE[family], "--cacert", str(site.scene.authority), *extra]
        return site.scene.run([*argv, f"{scheme}://{WEB_NAME}/{path}"])

    def fetch(name, scheme, family):
        copy = site.lab.directory / f"copy-{name}"
        return curl(scheme, family, "disorder", "-o", str(copy)), copy

    def put(name, scheme, family):
        done = curl(scheme, family, f"upload/{name}", "-T", str(given))
        return done, site.lab.directory / "www/upload" / name

    for places in (NEAR, FAR, BOTH):
        with site.disorder(places, **ROUGH), concurrent.futures.ThreadPoolExecutor(8) as threads:
            done = {}
            for scheme, family, act in itertools.product(("http", "https"), (0, 1), (fetch, put)):
                name = f"{'-'.join(places)}-{act.__name__}-{scheme}-{family}"
                done[name] = threads.submit(act, name, scheme, family)
            for name, future in done.items():
                program, copy = future.result()
                expect(program.returncode, 0, f"{name}: {program.stderr}")
                expect(digest([copy.read_bytes()]), digest([content]), name)
    expect_no_drop(site)


def mine_all(site, sources, manners):
    """Miners of all dialects and variants at once: (what, exit code, line)."""
    with concurrent.futures.ThreadPoolExecutor(9) as threads:
        futures = {
            f"{dialect} from {sources[family]} {' '.join(manner)}": threads.submit(
                site.mine, sources[family], dialect, *manner, host=POOL[family], timeout=PATIENCE
            )
            for dialect, family, manner in itertools.product(POOL_PORTS, (0, 1), manners)
        }
        return [(what, *future.result()) for what, future in futures.items()]


def expect_cut(site, places, results):
    for what, code, line in results:
        expect(code, RESET, f"{places}, {what}: {line}")
    for address in UNSANCTIONED:
        expect(site.pool.requests(peer=address), [], f"{places}: complete requests at the pool")


MANNERS = ((), ("--segment", "7", "--pause", "0.001"), ("--segment", "1", "--pause", "0"))


def test_miners_are_cut_and_sanctioned_ones_served(site):
    for places in (NEAR, FAR, BOTH):
        with site.disorder(places, drop=0.03, duplicate=0.05, reorder=0.1):
            with concurrent.futures.ThreadPoolExecutor(1) as threads:
                served = threads.submit(mine_all, site, RIG, MANNERS[1:2])
                expect_cut(site, places, mine_all(site, UNSANCTIONED, MANNERS))
                for what, code, line in served.result():
                    expect(code, ACCEPTED, f"{places}, {what}: {line}")
    expect_no_drop(site)


def test_miners_are_cut_in_fragments(site):
    """IPv4 packets in pieces of 48 bytes; no two connections between the same addresses, as above."""
    allow_fragments(site, True)
    try:
        for places, source in ((NEAR, UNSANCTIONED[0]), (FAR, SECOND_UNSANCTIONED[0])):
            with site.disorder(places, mtu=68, **LOSSLESS):
                for dialect, server in zip(POOL_PORTS, (POOL[0], WEB[0], DNS[0])):
                    code, line = site.mine(source, dialect, host=server)
                    expect(code, RESET, f"{places}, {dialect}: {line}")
            expect(site.pool.requests(peer=source), [], f"{places}: complete requests at the pool")
    finally:
        allow_fragments(site, False)
    expect_no_drop(site)


def test_there_was_disorder_and_the_daemon_saw_it(site):
    for count, least in (("dropped", 500), ("duplicated", 1000), ("held", 2000), ("fragmented", 1000)):
        expect_true(site.relayed[count] >= least, f"the relays counted {dict(site.relayed)}")
    text = site.daemon.metrics()
    for name in ("retransmitted_segments", "stream_held_segments", "datagrams_reassembled"):
        expect_true(metric_sum(text, f"minerwall_{name}_total") > 100, f"minerwall_{name}_total")


def test_nothing_of_all_this_was_taken_for_mining(site):
    def of_others(event):
        return not {event["src_ip"], event["dest_ip"]} & set(UNSANCTIONED + SECOND_UNSANCTIONED)

    alerts = [event for event in site.daemon.events("alert") if of_others(event)]
    expect(
        [event for event in alerts if event["verdict"]["action"] not in ("allow", "observe")], [], "alerts"
    )

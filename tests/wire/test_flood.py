"""One host and then random ones flood a small table with SYNs, and a host keeps more idle connections than there are
parser states: users still browse, resolve and download, and miners are stopped. Without room, packets are forwarded."""

import random
import socket
import threading
import time

import frames
from harness import RoutedSite, expect, expect_good_end, expect_true
from lab.daemon import metric_sum
from lab.process import eventually
from lab.servers import POOL_NAME, POOL_PORTS, WEB_NAME
from lab.topology import OFFICE, POOL, UNSANCTIONED, WEB
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether

FLOWS = 1024
STATES = 64
RATE = 2500  # SYNs a second
IDLE = 4 * STATES
FLOODER = "10.77.0.66"
NOWHERE = "203.0.113.9"  # no host has it (RFC 5737)
SUBSCRIBE = b'{"id":1,"method":"mining.subscribe","params":["x/1.0"]}\n'


class Flood:
    """Sends SYNs that nobody answers until it is closed."""

    def __init__(self, port, macs, sources):
        self._port = port
        self._frames = [
            bytes(
                Ether(**macs)
                / IP(src=source, dst=NOWHERE)
                / TCP(sport=1024 + n, dport=443, seq=random.getrandbits(32), flags="S")
            )
            for n, source in enumerate(sources)
        ]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        begin, sent = time.monotonic(), 0
        while not self._stop.is_set():
            for _ in range(int((time.monotonic() - begin) * RATE) - sent):
                self._port.send(self._frames[sent % len(self._frames)])
                sent += 1
            time.sleep(0.001)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()


class FloodedSite(RoutedSite):
    def __init__(self, program, when_full):
        self.when_full = when_full
        super().__init__(
            program,
            groups=f"""
flows: {{ capacity = {FLOWS}; inspections = {STATES}; when_full = "{when_full}"; }};
streams: {{ when_full = "{when_full}"; }};
""",
        )
        self.inside = frames.Port(self.lab.hosts, "lan0")
        self.macs = {
            "src": self.address_of(self.lab.hosts, "lan0"),
            "dst": self.address_of(self.lab.internet, "wan0"),
        }
        self.old = self.connect(UNSANCTIONED[0], POOL[0], POOL_PORTS["stratum"])
        self.idle = []

    def address_of(self, namespace, interface):
        return self.scene.run(["cat", f"/sys/class/net/{interface}/address"], namespace).stdout.strip()

    def connect(self, source, server, port):
        with self.lab.hosts.entered():
            connection = socket.socket()
        connection.settimeout(3)
        connection.bind((source, 0))
        connection.connect((server, port))
        return connection

    def flood(self, sources):
        return Flood(self.inside, self.macs, sources)

    def wait_for_evictions(self):
        """Until a flood has filled the table."""
        before = self.evictions()
        expect_true(
            eventually(lambda: self.evictions() >= before + FLOWS // 4, timeout=10), "the flood fills no table"
        )

    def evictions(self):
        return self.metric("minerwall_flows_evicted_total", worth="unanswered")

    def metric(self, name, **labels):
        return metric_sum(self.daemon.metrics(), name, **labels) or 0

    def expect_service(self):
        """Users are served and miners are not."""
        expect(self.scene.fetch(f"http://{WEB_NAME}/"), "200")
        expect(self.scene.fetch(f"https://{WEB_NAME}/"), "200")
        expect(self.scene.resolve(WEB_NAME), WEB[0])
        expect_true(self.scene.resolve(POOL_NAME) != POOL[0], "the pool's name resolves")
        requests = len(self.pool.requests())
        for dialect in POOL_PORTS:
            code, line = self.mine(OFFICE[0], dialect, timeout=3)
            expect_true(code != 0, f"{dialect} got work: {line}")
        expect(len(self.pool.requests()), requests, "requests at the pool")

    def end(self):
        # A newcomer may be the cheapest of those that the table compares.
        refused = self.metric("minerwall_dropped_packets_total", reason="flow_table_full")
        expect_true(refused <= FLOWS // 16, f"{refused} new flows found no room")
        expect_good_end(self.daemon, {"flow_table_full": int(refused)} if refused else {})

    def close(self):
        for connection in [self.old, *self.idle]:
            connection.close()
        self.inside.close()
        super().close()


def open_site(program):
    return FloodedSite(program, "forward")


def test_one_host_floods(site):
    with site.flood([FLOODER] * 8192):
        site.wait_for_evictions()
        site.expect_service()


def test_random_hosts_flood(site):
    with site.flood([f"10.{n % 200}.{n // 250 % 250}.{1 + n % 250}" for n in range(8192)]):
        site.wait_for_evictions()
        site.expect_service()


def test_connections_from_before_are_still_known(site):
    requests = len(site.pool.requests())
    site.old.sendall(SUBSCRIBE)
    try:
        expect(site.old.recv(100), b"", "an answer")
    except OSError:
        pass  # reset, or no answer
    expect(len(site.pool.requests()), requests, "requests at the pool")


def test_idle_connections_take_no_states(site):
    for _ in range(IDLE):
        connection = site.connect(OFFICE[0], WEB[0], 80)
        connection.sendall(f"GET / HTTP/1.1\r\nHost: {WEB_NAME}\r\n\r\n".encode())
        expect_true(connection.recv(65536).startswith(b"HTTP/1.1"), "an answer")
        site.idle.append(connection)
    expect_true(
        site.metric("minerwall_inspection_states_parked_total") >= IDLE - 2 * STATES, "states were not parked"
    )
    site.expect_service()
    first = site.idle[0]
    first.sendall(f"GET / HTTP/1.1\r\nHost: {POOL_NAME}\r\n\r\n".encode())
    try:
        answer = first.recv(65536)
    except OSError:
        answer = b""
    expect(answer, b"", "an answer to a request for the pool")

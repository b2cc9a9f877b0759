"""One host sends its costliest segments; what others get must not depend on what its bytes are.

Each kind is sent at the rate that the generator manages, first opaque and then crafted, while another host pings and
fetches. Compared are only figures of the same run, because machines differ.
"""

import threading
import time

import frames
from harness import RoutedSite, expect, expect_good_end, expect_true
from lab import netns
from lab.daemon import metric_sum
from lab.servers import WEB_NAME
from lab.topology import OFFICE, WEB
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

RATE = 20_000
SIZE = 1400
FETCHES = 8
# What cost hundreds of times the usual.
CRAFTED = {
    "brackets behind broken lines": b"{x\n" * 16 + b"[]" * 700,
    "values of JSON": b"{}\n" * 16 + b'{"method":1}' * 120,
    "numbers in a list": b"[" + b"0," * 700,
    "header lines": b"GET / HTTP/1.1\r\nHost: a.b\r\n" + b"x-minx: y\r\n" * 130,
    "many hosts": b"".join(b"GET / HTTP/1.1\nHost:%x.a\n\n" % i for i in range(56)),
}
ENEMY = "10.77.0.200"


class Site(RoutedSite):
    def end(self):
        shed = self.daemon.ledger()["dropped"].get("work_share", 0)  # what the enemy sent beyond its share
        expect_good_end(self.daemon, {"work_share": shed} if shed else {})


def open_site(program):
    return Site(program)


class Flood:
    """Segments of four connections from one forged host, at a rate, until the end of the block."""

    def __init__(self, site, body):
        self.port = frames.Port(site.lab.hosts, "lan0")
        gateway = mac(site.lab.internet, "wan0")
        own = mac(site.lab.hosts, "lan0")
        self.frames = [
            bytes(
                Ether(src=own, dst=gateway)
                / IP(src=ENEMY, dst="198.51.100.80")
                / TCP(sport=50000 + i % 4, dport=9, seq=1000 + i * SIZE, ack=1, flags="PA")
                / Raw(body[:SIZE].ljust(SIZE, b" "))
            )
            for i in range(400)
        ]
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._send)

    def _send(self):
        begin, sent = time.monotonic(), 0
        while not self.stopping.is_set():
            wanted = int((time.monotonic() - begin) * RATE)
            while sent < wanted:
                try:
                    self.port.send(self.frames[sent % len(self.frames)])
                except OSError:  # the interface's queue is full
                    pass
                sent += 1
            time.sleep(0.0005)

    def __enter__(self):
        self.thread.start()
        time.sleep(0.3)
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()
        self.port.close()


def mac(namespace, interface):
    return netns.run(
        namespace.command(["cat", f"/sys/class/net/{interface}/address"])
    ).strip()


def ping_loss(site):
    said = netns.run(
        site.lab.hosts.command(["ping", "-q", "-i", "0.02", "-c", "100", "-W", "1", "-I", OFFICE[0], WEB[0]]), timeout=30
    )
    return next(line for line in said.splitlines() if "packet loss" in line).split("% packet loss")[0].split()[-1]


def fetches_per_second(site):
    begin = time.monotonic()
    for _ in range(FETCHES):
        expect(site.scene.fetch(f"http://{WEB_NAME}/", source=OFFICE[0]), "200")
    return FETCHES / (time.monotonic() - begin)


def with_flood(site, body):
    with Flood(site, body):
        return ping_loss(site), fetches_per_second(site)


def test_nobody_pays_for_what_one_host_sends(site):
    _, usual = with_flood(site, b"\x80" * SIZE)
    for name, body in CRAFTED.items():
        loss, rate = with_flood(site, body)
        expect(loss, "0", f"{name}: ping loss in per cent")
        expect_true(rate >= usual / 2, f"{name}: {rate:.1f} fetches a second, {usual:.1f} beside opaque bytes")


def test_a_miner_is_stopped_meanwhile(site):
    with Flood(site, CRAFTED["brackets behind broken lines"]):
        code, line = site.mine(OFFICE[0], "stratum")
        expect(code, 2, line)


def test_what_was_shed_is_counted_by_rung(site):
    text = site.daemon.metrics()
    for rung in ("source", "late_look", "unknown", "alone"):
        metric_sum(text, "minerwall_shed_total", rung=rung)
        expect_true(f'rung="{rung}"' in text, f"a sample for {rung}")

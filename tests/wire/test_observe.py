"""A policy in observe mode drops no packet and sends none of its own: not under a flood, not for contradictory bytes, not
for miners and pool names. What enforcing would drop is counted."""

import frames
from harness import RoutedSite, expect, expect_true, ledger_of
from lab.daemon import metric_sum
from lab.process import eventually
from lab.servers import POOL_NAME, POOL_PORTS, WEB_NAME
from lab.topology import OFFICE, POOL, UNSANCTIONED
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

FLOWS = 1024
NOWHERE = "203.0.113.9"  # no host has it (RFC 5737)
EVERYTHING_DROPS = f"""
flows: {{ capacity = {FLOWS}; inspections = 64; when_full = "drop"; }};
streams: {{ when_full = "drop"; }};
fragments: {{ when_full = "drop"; }};
"""


class ObservingSite(RoutedSite):
    def __init__(self, program):
        super().__init__(program, mode="observe", groups=EVERYTHING_DROPS)
        self.inside = frames.Port(self.lab.hosts, "lan0")
        self.outside = frames.Port(self.lab.internet, "wan0")
        self.macs = {
            "src": address_of(self.scene, self.lab.hosts, "lan0"),
            "dst": address_of(self.scene, self.lab.internet, "wan0"),
        }

    def carry(self, packets):
        """Sends packets to nowhere; returns how many of them came out unchanged."""
        sent = [bytes(Ether(**self.macs) / packet) for packet in packets]
        self.outside.drain()
        return sum(
            a == b
            for a, b in zip(
                sent,
                frames.carry(
                    self.inside, self.outside, sent, ignore=lambda frame: frame[30:34] != address(NOWHERE)
                ),
            )
        )

    def observed(self, reason):
        return metric_sum(self.daemon.metrics(), "minerwall_observed_drops_total", reason=reason)

    def end(self):
        observed = metric_sum(self.daemon.metrics(), "minerwall_observed_drops_total")
        super().end()
        ledger = ledger_of(self.daemon)
        expect(sum(ledger["observed"].values()), observed, "observed drops of the stats event, as the metric")
        expect({reason: count for reason, count in ledger["dropped"].items() if count}, {}, "drops")
        expect(ledger["crafted"], 0, "packets of minerwall's own")

    def close(self):
        self.inside.close()
        self.outside.close()
        super().close()


def address(text):
    return bytes(int(part) for part in text.split("."))


def address_of(scene, namespace, interface):
    return scene.run(["cat", f"/sys/class/net/{interface}/address"], namespace).stdout.strip()


def open_site(program):
    return ObservingSite(program)


def test_miners_get_work(site):
    for dialect in POOL_PORTS:
        code, line = site.mine(UNSANCTIONED[0], dialect)
        expect(code, 0, f"{dialect}: {line}")
    expect_true(len(site.pool.requests(peer=UNSANCTIONED[0])) >= len(POOL_PORTS), "requests at the pool")
    expect_true(eventually(lambda: site.observed("policy_reset") > 0, timeout=3), "would have been reset")


def test_pool_name_resolves(site):
    expect(site.scene.resolve(POOL_NAME), POOL[0])
    expect_true(eventually(lambda: site.observed("policy_sinkhole") > 0, timeout=3), "would have been sinkholed")


def test_fragments_that_contradict_each_other_pass(site):
    udp = bytes(UDP(sport=5000, dport=6000) / Raw(b"a" * 64))
    head = {"src": OFFICE[0], "dst": NOWHERE, "id": 77, "proto": 17}
    pieces = [
        IP(flags="MF", **head) / Raw(udp[:48]),
        IP(flags="MF", **head) / Raw(udp[:40] + b"x" * 8),
        IP(frag=6, **head) / Raw(udp[48:]),
    ]
    expect(site.carry(pieces), len(pieces))
    expect(site.observed("fragment_conflict"), 2)


def test_segments_that_contradict_each_other_pass(site):
    ends = {"sport": 5000, "dport": 80}
    there = IP(src=OFFICE[0], dst=NOWHERE)
    segments = [
        there / TCP(seq=100, flags="S", **ends),
        there / TCP(seq=101, ack=1, flags="A", **ends) / Raw(b"#" * 40),
        there / TCP(seq=101, ack=1, flags="A", **ends) / Raw(b"+" * 40),
    ]
    expect(site.carry(segments), len(segments))
    expect(site.observed("stream_conflict"), 1)


def test_flood_fills_the_table_and_passes(site):
    syns = [
        IP(src=UNSANCTIONED[0], dst=NOWHERE) / TCP(sport=10000 + n, dport=443, flags="S")
        for n in range(2 * FLOWS)
    ]
    expect(site.carry(syns), len(syns))
    evicted = metric_sum(site.daemon.metrics(), "minerwall_flows_evicted_total", worth="unanswered")
    expect_true(evicted >= FLOWS, "the table did not fill")


def test_users_notice_nothing_beside_the_flood(site):
    expect(site.scene.fetch(f"http://{WEB_NAME}/"), "200")
    expect(site.scene.fetch(f"https://{WEB_NAME}/"), "200")
    expect(site.scene.ping(POOL[0]), "3 received of 3")
    code, line = site.mine(OFFICE[0], "stratum")
    expect(code, 0, line)


def test_no_drop_is_counted(site):
    expect(metric_sum(site.daemon.metrics(), "minerwall_dropped_packets_total"), 0)
    expect(metric_sum(site.daemon.metrics(), "minerwall_crafted_packets_total"), 0)

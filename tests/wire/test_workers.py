"""Two workers on one CPU: each flow stays whole and in order, and both directions meet in one flow entry."""

import catalogue
import frames
from harness import RoutedSite, expect, expect_true
from lab.servers import POOL_PORTS, WEB_NAME
from lab.topology import POOL, RIG, UNSANCTIONED
from scapy.layers.inet import TCP, UDP
from scapy.packet import Raw

FLOWS, PER_FLOW = 40, 50


def open_site(program):
    return RoutedSite(program, workers=2)


def test_web_and_dns(site):
    for _ in range(10):
        expect(site.scene.fetch(f"http://{WEB_NAME}/"), "200")
        expect(site.scene.fetch(f"https://{WEB_NAME}/", "-6", source="fd77::10"), "200")


def test_miners_are_cut_whichever_worker_has_them(site):
    for number in range(8):
        for dialect in POOL_PORTS:
            extra = ("--segment", "5", "--pause", "0.001") if number % 2 else ()
            for source, pool in zip(UNSANCTIONED, POOL):
                code, line = site.mine(source, dialect, *extra, host=pool)
                expect(code, 2, line)
                expect(site.pool.requests(peer=source), [])


def test_sanctioned_host_may_mine(site):
    for dialect in POOL_PORTS:
        code, line = site.mine(RIG[0], dialect)
        expect(code, 0, line)


def test_order_within_each_flow(site):
    """Numbered datagrams of many flows, interleaved: none is lost, none comes twice, each flow keeps its order."""
    named = []
    for number in range(PER_FLOW):
        for flow in range(FLOWS):
            mark = f"flow {flow:03} number {number:05}".encode()
            payload = (
                UDP(sport=20000 + flow, dport=30000)
                if flow % 2
                else TCP(sport=20000 + flow, dport=30000, seq=number * 27, flags="A")
            )
            named.append(catalogue.on_ether(catalogue.ip4(payload / Raw(mark))))
    with frames.Port(site.lab.hosts, "lan0") as inside, frames.Port(site.lab.internet, "wan0") as outside:
        outside.drain(0.1)
        received = frames.carry(
            inside, outside, named, ignore=lambda frame: not frame.startswith(catalogue.ETHER)
        )
    expect(len(received), len(named), "frames")
    expect(set(received), set(named), "the frames themselves")
    last = {}
    for frame in received:
        flow, number = frame[-21:-13], int(frame[-5:])
        expect_true(number == last.get(flow, -1) + 1, f"{flow} has number {number} after {last.get(flow)}")
        last[flow] = number


def test_both_workers_took_part(site):
    busy = {
        line.split('worker="')[1].split('"')[0]
        for line in site.daemon.metrics().splitlines()
        if line.startswith("minerwall_received_packets_total{")
        and 'worker="' in line
        and not line.endswith(" 0")
    }
    expect(busy, {"0", "1"})

"""Frames that are not blocked leave bit-identical and in order, in both directions."""

import random

import catalogue
import frames
from harness import BareSite, expect, expect_good_end, expect_true
from lab.process import eventually

JUMBO_MTU = 9000


class TransparencySite(BareSite):
    """Large frames and small buffers: a jumbo frame is a chain of several mbufs."""

    def __init__(self, program):
        super().__init__(program, mtu=JUMBO_MTU, room=1024)
        self.inside = frames.Port(self.lab.hosts, "lan0")
        self.outside = frames.Port(self.lab.internet, "wan0")

    def end(self):
        # From the last test, and frames that damage made into a second version of the same bytes.
        conflicts = {reason: count for reason, count in conflicts_of(self).items() if count}
        expect_good_end(self.daemon, allowed={"tx_error": 1} | conflicts)

    def close(self):
        self.inside.close()
        self.outside.close()
        super().close()


CONFLICTS = ("stream_conflict", "fragment_conflict")


def conflicts_of(site):
    """The number of frames that were dropped because they contradict an earlier one, by reason."""
    counts = dict.fromkeys(CONFLICTS, 0)
    for line in dropped(site):
        for reason in CONFLICTS:
            if f'reason="{reason}"' in line:
                counts[reason] += int(float(line.split()[-1]))
    return counts


def both_ways_but_conflicts(site, named):
    """As both_ways, for frames that partly contradict each other: exactly the counted ones are missing."""
    named = list(named)
    for sender, receiver, direction in ((site.inside, site.outside, "outward"), (site.outside, site.inside, "inward")):
        before, missing = sum(conflicts_of(site).values()), 0
        for start in range(0, len(named), 24):
            batch = [frame for _, frame in named[start : start + 24]]
            received = frames.carry(sender, receiver, batch, timeout=0.4)
            rest = iter(batch)
            for frame in received:
                expect_true(frame in rest, f"{direction}: changed, or out of its place: {frame[:80].hex()}")
            missing += len(batch) - len(received)
        expect_true(
            eventually(lambda: sum(conflicts_of(site).values()) - before == missing, timeout=3),
            f"{direction}: {missing} frames are missing, {sum(conflicts_of(site).values()) - before} were counted",
        )


def open_site(program):
    return TransparencySite(program)


def expect_same(sender, receiver, named, direction):
    """Sends the frames and names the first that is lost, changed or out of order."""
    sent = [frame for _, frame in named]
    received = frames.carry(sender, receiver, sent)
    for (name, frame), other in zip(named, received):
        if other != frame:
            place = next(
                (offset for offset, pair in enumerate(zip(frame, other)) if pair[0] != pair[1]),
                min(len(frame), len(other)),
            )
            raise AssertionError(
                f"{direction}, {name}: differs at byte {place} of {len(frame)}:\n"
                f"expected {frame[:80].hex()}\nseen {len(other):4} {other[:80].hex()}"
            )
    if len(received) < len(sent):
        raise AssertionError(
            f"{direction}: {len(received)} of {len(sent)} frames came; missing from '{named[len(received)][0]}' on"
        )


def both_ways(site, named):
    named = list(named)
    expect_same(site.inside, site.outside, named, "outward")
    expect_same(site.outside, site.inside, named, "inward")
    expect(site.inside.receive(0.1), None, "a frame that was not sent, inside")
    expect(site.outside.receive(0.1), None, "a frame that was not sent, outside")


def test_wire_is_silent_by_itself(site):
    site.inside.drain(0.3)
    site.outside.drain(0.3)
    expect(site.inside.receive(0.5), None, "inside")
    expect(site.outside.receive(0.5), None, "outside")


def test_non_ip(site):
    both_ways(site, catalogue.non_ip())


def test_vlan_and_qinq(site):
    both_ways(site, catalogue.tagged())


def test_mpls_pppoe_and_tunnels(site):
    both_ways(site, catalogue.encapsulated())


def test_ipv4_good_and_malformed(site):
    both_ways(site, catalogue.ipv4())


def test_ipv6_good_and_malformed(site):
    both_ways(site, catalogue.ipv6())


def test_fragments(site):
    both_ways(site, catalogue.fragments())


def test_tcp_and_udp_oddities(site):
    both_ways(site, catalogue.tcp())


def test_runts(site):
    both_ways(site, catalogue.runts())


def test_jumbo_frames(site):
    both_ways(site, catalogue.jumbo(JUMBO_MTU))


def test_all_kinds_mixed_in_order(site):
    named = (catalogue.repeatable() + list(catalogue.jumbo(JUMBO_MTU))) * 4
    random.Random(11).shuffle(named)
    both_ways(site, named)


def test_a_thousand_damaged_frames(site):
    both_ways_but_conflicts(site, catalogue.noise(1000, seed=84))


def dropped(site):
    """The samples of dropped packets that are not zero."""
    return [
        line
        for line in site.daemon.metrics().splitlines()
        if line.startswith("minerwall_dropped_packets_total{") and not line.endswith(" 0")
    ]


def test_nothing_was_dropped_by_the_metrics(site):
    expect([line for line in dropped(site) if not any(reason in line for reason in CONFLICTS)], [])


def test_too_long_for_the_other_end_is_counted(site):
    """A frame that the far interface cannot take is lost as on any switch, but it is counted."""
    site.lab.wire.ip("link", "set", "outside", "mtu", "1500")
    try:
        site.inside.send(catalogue.ethernet(0x1234, bytes(3000)))
        expect(site.outside.receive(0.5), None)
        expect_true(
            eventually(lambda: any('reason="tx_error"' in line for line in dropped(site)), timeout=3),
            f"the reason counted, seen {dropped(site)}",
        )
        expect([line.endswith(" 1") for line in dropped(site) if 'reason="tx_error"' in line], [True])
    finally:
        site.lab.wire.ip("link", "set", "outside", "mtu", str(JUMBO_MTU))

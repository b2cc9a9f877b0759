"""The site of test_disorder.py: a cable at each end of the wire, and one past the daemon, that a relay may disturb."""

import collections
import contextlib
import itertools
import json
import pathlib
import socket

from harness import RoutedSite, expect, expect_true, unwanted_drops
from lab import netns, policies, servers, topology
from lab.daemon import Daemon
from lab.scene import Scene
from lab.topology import OFFICE, RIG

RELAY = pathlib.Path(__file__).resolve().parent / "disorder.py"
NEAR, FAR, BOTH = ("near",), ("far",), ("near", "far")
PATIENCE = 20.0  # seconds for any step; TCP waits one for a lost SYN, three for the next
DIRECT = (("10.89.0.10", "fd89::10"), ("10.89.0.1", "fd89::1"))  # hosts, internet: a cable past the daemon
SECOND_UNSANCTIONED = ("10.77.0.67", "fd77::67")


class DisorderLab(topology.RoutedLab):
    """A relay's namespace is spliced into the cable at each end of the wire; a third cable goes past the daemon."""

    def _connect(self, mtu):
        super()._connect(mtu)
        self.relays = {
            "near": self._splice("near", "inside", mtu),
            "far": self._splice("far", "outside", mtu),
            "past": self._relay_namespace("past"),
        }
        for end, port, name, addresses in (
            (self.hosts, "left", "lan1", DIRECT[0]),
            (self.internet, "right", "wan1", DIRECT[1]),
        ):
            netns.connect(end, name, self.relays["past"], port, mtu)
            self._address(end, name, addresses[0] + "/24", addresses[1] + "/64")
        self._address(self.hosts, "lan0", SECOND_UNSANCTIONED[0] + "/24", SECOND_UNSANCTIONED[1] + "/64")

    def _relay_namespace(self, role):
        namespace = self._namespace(role)
        netns.silence(namespace)
        return namespace

    def _splice(self, role, end, mtu):
        """The cable's end at the wire becomes the relay's outer end, and a new cable leads on to the wire."""
        namespace = self._relay_namespace(role)
        outer, inner = ("left", "right") if role == "near" else ("right", "left")
        self.wire.ip("link", "set", end, "netns", namespace.name, "name", outer)
        netns.switch_offloads_off(namespace, outer)
        namespace.ip("link", "set", outer, "up")
        netns.connect(namespace, inner, self.wire, end, mtu)
        return namespace


class DisorderSite(RoutedSite):
    def __init__(self, program):  # pylint: disable=super-init-not-called  # another lab between the same ends
        self.lab = DisorderLab()
        self.seeds = itertools.count(84)
        self.relayed = collections.Counter()
        try:
            authority = servers.start_web(self.lab)
            self.pool = servers.PoolServer(self.lab)
            self.daemon = Daemon(self.lab, policies.starter(sanctioned=RIG), program=program)
            self.scene = Scene(self.lab, self.daemon, self.pool, authority)
        except BaseException:
            self.lab.close()
            raise

    @contextlib.contextmanager
    def disorder(self, places, seed=None, **how):
        """Relays at all places while the block runs: with disorder at these places, without it at the others."""
        seed = next(self.seeds) if seed is None else seed
        relays = {}
        for place, namespace in self.lab.relays.items():
            argv = [str(RELAY), "left", "right", "--seed", str(seed)]
            for key, value in how.items() if place in places else ():
                argv += [f"--{key}", str(value)]
            relays[place] = self.lab.start(f"relay-{place}", argv, namespace)
        try:
            for relay in relays.values():
                relay.wait_for("ready")
            yield
        finally:
            for place, relay in relays.items():
                expect(relay.stop(), 0, f"relay {place}: {relay.stderr()}; exit code")
                self.lab.processes.remove(relay)
                for counts in json.loads(relay.stdout().splitlines()[-1]).values():
                    expect(counts["missed"], 0, f"frames that the relay {place} was too slow for")
                    self.relayed.update(counts)

    def end(self):
        super().end()
        flows = [event for event in self.daemon.events("flow") if event["src_ip"] in OFFICE + RIG]
        expect_true(len(flows) > 150, f"{len(flows)} flow events of those who may pass")
        actions = {event.get("verdict", {}).get("action") for event in flows}
        expect(actions & {"drop", "reset", "sinkhole"}, set(), "what was done to them")


def expect_no_drop(site):
    """Asks the metrics at once, so that the failing test is known."""
    dropped = {}
    for line in site.daemon.metrics().splitlines():
        if line.startswith("minerwall_dropped_packets_total{"):
            dropped[line.partition('reason="')[2].partition('"')[0]] = float(line.split()[-1])
    expect(unwanted_drops({"dropped": dropped}), {}, "drops that no policy asked for")


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def open_socket(namespace, address, kind, port=0):
    with namespace.entered():
        made = socket.socket(family_of(address), kind)
    made.settimeout(PATIENCE)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((address, port))
    return made


def allow_fragments(site, allowed):
    """Whether the TCP of both ends sends IPv4 packets that routers may fragment."""
    for namespace in (site.lab.hosts, site.lab.internet):
        namespace.sysctl("net.ipv4.ip_no_pmtu_disc", int(allowed))

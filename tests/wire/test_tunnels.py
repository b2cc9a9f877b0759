"""Tunnels between two real kernels: traffic inside works, miners inside are cut, and each end's TCP obeys our reset.

A tunnel that this kernel has no device for is left out: VXLAN is everywhere, GRE and IP in IP are modules.
"""

from harness import RoutedSite, expect, expect_true
from lab import netns
from lab.servers import POOL_PORTS, WEB_NAME
from lab.topology import GATEWAY, OFFICE

RESET = 2
HOST, SERVER = "10.88.{}.10", "10.88.{}.1"
V4, V6 = (OFFICE[0], GATEWAY[0]), (OFFICE[1], GATEWAY[1])
# By the third byte of the addresses inside: type of device, its outer ends, and more arguments of `ip link`.
TUNNELS = {
    10: ("vxlan", V4, "id 10 dstport 4789"),
    11: ("vxlan", V4, "id 11 dstport 4789 udpcsum"),
    12: ("vxlan", V6, "id 12 dstport 4789 udp6zerocsumrx"),
    13: ("vxlan", V6, "id 13 dstport 4789 udp6zerocsumtx udp6zerocsumrx"),
    20: ("gre", V4, "key 20 csum"),
    21: ("gretap", V4, "key 21 seq"),
    22: ("ip6gre", V6, "key 22"),
    30: ("ipip", V4, ""),
    31: ("ip6tnl", V6, "mode ipip6"),
}


class TunnelSite(RoutedSite):
    """Besides the plain network, a pair of addresses at the ends of each tunnel."""

    def __init__(self, program):
        super().__init__(program)
        self.tunnels = {}
        try:
            for number, (kind, ends, options) in TUNNELS.items():
                try:
                    self.add(self.lab.hosts, "lan0", number, ends, HOST)
                except netns.CommandFailed as error:
                    if "Unknown device type" not in str(error) and "not supported" not in str(error):
                        raise
                    continue
                self.add(self.lab.internet, "wan0", number, ends[::-1], SERVER)
                self.tunnels[number] = f"{kind} {options} over {'IPv6' if ends is V6 else 'IPv4'}"
        except BaseException:
            self.close()
            raise

    @staticmethod
    def add(namespace, trunk, number, ends, address):
        kind, _, options = TUNNELS[number]
        name = f"tunnel{number}"
        where = ["local", ends[0], "remote", ends[1], *(["dev", trunk] if kind == "vxlan" else [])]
        namespace.ip("link", "add", name, "type", kind, *options.split(), *where)
        netns.switch_offloads_off(namespace, name)
        namespace.ip("address", "add", f"{address.format(number)}/24", "dev", name)
        namespace.ip("link", "set", name, "up")


def open_site(program):
    return TunnelSite(program)


def test_there_is_a_tunnel(site):
    expect_true(10 in site.tunnels, f"this kernel has {list(site.tunnels.values())}")


def test_web_works_in_every_tunnel(site):
    for number, what in site.tunnels.items():
        for scheme, port in (("http", 80), ("https", 443)):
            at = ("--resolve", f"{WEB_NAME}:{port}:{SERVER.format(number)}")
            seen = site.scene.fetch(f"{scheme}://{WEB_NAME}/", *at, source=HOST.format(number))
            expect(seen, "200", f"{scheme} in {what}")


def test_full_size_packets_pass(site):
    for number, what in site.tunnels.items():
        size = "1300"
        done = site.scene.run(
            ["ping", "-n", "-q", "-c", "2", "-i", "0.05", "-W", "2", "-s", size, SERVER.format(number)]
        )
        expect(done.returncode, 0, f"in {what}: {done.stdout}{done.stderr}")


def test_miners_are_cut_in_every_tunnel(site):
    for number, what in site.tunnels.items():
        source = HOST.format(number)
        for dialect in POOL_PORTS:
            for extra in ((), ("--segment", "7", "--pause", "0.001")):
                code, line = site.mine(source, dialect, *extra, host=SERVER.format(number))
                expect(code, RESET, f"{dialect} in {what}: {line}")
        expect(site.pool.requests(peer=source), [], f"in {what}")


def test_the_pools_end_is_reset_through_the_tunnel(site):
    for number, what in site.tunnels.items():
        source = HOST.format(number)
        site.mine(source, "stratum", "--segment", "9", host=SERVER.format(number))
        ends = {fragment["end"] for fragment in site.pool.fragments() if fragment["peer"] == source}
        expect(ends, {"ConnectionResetError"}, f"in {what}")


def test_tunnels_with_other_traffic_stay_up(site):
    """Crafted packets were among the tunnels' packets; the tunnels still work."""
    test_web_works_in_every_tunnel(site)

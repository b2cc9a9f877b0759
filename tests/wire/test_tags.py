"""Real traffic inside VLAN, QinQ and jumbo frames: it works, and what is blocked elsewhere is blocked here."""

import pathlib

from harness import RoutedSite, expect
from lab import netns
from lab.servers import POOL_PORTS, WEB_NAME

TAGGER = pathlib.Path(__file__).resolve().parent / "tagger.py"
MTU = 9000
TAGGED_MTU = MTU - 8
HOST, SERVER = "10.88.{}.10", "10.88.{}.1"
# By the third byte of the addresses: the tags on the wire, and the VLANs that events must name.
STACKS = {
    10: ("8100000a", [10]),
    20: ("88a8006481000014", [100, 20]),  # IEEE 802.1ad
    30: ("810000078100001e", [7, 30]),
}


class TaggedSite(RoutedSite):
    """Besides the plain network, a pair of addresses for each stack of tags on the same wire."""

    def __init__(self, program):
        super().__init__(program, mtu=MTU)
        try:
            for number, (tags, _) in STACKS.items():
                self.add_tagged(self.lab.hosts, "lan0", number, tags, HOST)
                self.add_tagged(self.lab.internet, "wan0", number, tags, SERVER)
        except BaseException:
            self.close()
            raise

    def add_tagged(self, namespace, trunk, number, tags, address):
        user, plain = f"user{number}", f"plain{number}"
        netns.connect(namespace, user, namespace, plain, TAGGED_MTU)
        namespace.ip("address", "add", f"{address.format(number)}/24", "dev", user)
        argv = [str(TAGGER), plain, trunk, tags]
        self.lab.start(f"tagger-{trunk}-{number}", argv, namespace).wait_for("ready")


def open_site(program):
    return TaggedSite(program)


def test_web_works_under_every_stack(site):
    for number, (tags, _) in STACKS.items():
        for scheme, port in (("http", 80), ("https", 443)):
            at = ("--resolve", f"{WEB_NAME}:{port}:{SERVER.format(number)}")
            seen = site.scene.fetch(f"{scheme}://{WEB_NAME}/", *at, source=HOST.format(number))
            expect(seen, "200", f"{scheme} under {tags}")


def test_full_size_packets_pass(site):
    for number, (tags, _) in STACKS.items():
        argv = [
            "ping",
            "-n",
            "-q",
            "-c",
            "2",
            "-i",
            "0.05",
            "-W",
            "2",
            "-M",
            "do",
            "-s",
            str(TAGGED_MTU - 28),
        ]
        done = site.scene.run([*argv, SERVER.format(number)])
        expect(done.returncode, 0, f"under {tags}: {done.stdout}{done.stderr}")


def test_miners_are_cut_under_every_stack(site):
    for number, (tags, _) in STACKS.items():
        for dialect in POOL_PORTS:
            source = HOST.format(number)
            code, line = site.mine(source, dialect, host=SERVER.format(number))
            expect(code, 2, f"{dialect} under {tags}: {line}")
            expect(site.pool.requests(peer=source), [], f"{dialect} under {tags}")


def test_pool_side_gets_its_reset_too(site):
    for number, (tags, _) in STACKS.items():
        source = HOST.format(number)
        site.mine(source, "stratum", "--segment", "9", host=SERVER.format(number))
        ends = {fragment["end"] for fragment in site.pool.fragments() if fragment["peer"] == source}
        expect(ends, {"ConnectionResetError"}, f"under {tags}")


def test_events_name_the_vlans(site):
    for number, (tags, vlans) in STACKS.items():
        source = HOST.format(number)
        event = site.daemon.wait_for_event(
            lambda event, source=source: event["event_type"] == "alert" and event["src_ip"] == source
        )
        expect(event and event.get("vlan"), vlans, f"under {tags}")


def test_jumbo_download(site):
    (site.lab.directory / "www/jumbo").write_bytes(bytes(20 << 20))
    expect(site.scene.fetch(f"http://{WEB_NAME}/jumbo"), "200")

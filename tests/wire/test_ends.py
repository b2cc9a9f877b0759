"""Ends that change while the daemon runs: deleted, made again, renamed, taken down, of another size, gone for good."""

import glob
import json
import os
import re
import signal
import subprocess
import time

import catalogue
import frames
from harness import Supervisor, expect, expect_good_end, expect_true
from lab import netns, policies
from lab.daemon import Daemon, metric_sum
from lab.process import eventually
from lab.topology import BareLab

FRAME = catalogue.ethernet(0x1234, bytes(range(60)))
LONG = catalogue.ethernet(0x1234, bytes(range(250)) * 32)
END_LOST = 75  # EX_TEMPFAIL
OFF = "tso", "gso", "gro", "rx", "tx"


class Ends:
    """A wire of which the tests change an end; the daemon starts anew for each."""

    def __init__(self, program):
        self.program = program
        self.lab = BareLab()
        self.count = 0

    def daemon(self, **options):
        for process in self.lab.processes:
            process.stop(signal.SIGKILL)  # a failed test may have left one running
        if "inside" not in self.lab.wire.ip("-o", "link", "show"):
            subprocess.run(["ip", "-n", self.lab.hosts.name, "link", "del", "lan0"], capture_output=True, check=False)
            self.make_inside()
        self.count += 1
        supervisor = Supervisor(self.lab.directory / f"notify{self.count}")
        daemon = Daemon(
            self.lab,
            policies.starter(),
            name=f"ends{self.count}",
            program=self.program,
            environment=supervisor.environment,
            **options,
        )
        daemon.supervisor = supervisor
        return daemon

    def make_inside(self, mtu=1500):
        netns.connect(self.lab.hosts, "lan0", self.lab.wire, "inside", mtu)

    def passes(self, frame=FRAME):
        """Whether a frame put in at one end comes out of the other, both ways."""
        with frames.Port(self.lab.hosts, "lan0") as inside, frames.Port(self.lab.internet, "wan0") as outside:
            return [
                frames.carry(inside, outside, [frame], timeout=1),
                frames.carry(outside, inside, [frame], timeout=1),
            ] == [[frame], [frame]]

    def end(self):
        pass

    def close(self):
        self.lab.close()


def open_site(program):
    return Ends(program)


def up(daemon):
    """minerwall_port_up of the inner and the outer end."""
    text = daemon.metrics()
    return [metric_sum(text, "minerwall_port_up", port=port) for port in ("inside", "outside")]


def states(daemon):
    """What the wire_end events say of the inner end, one after the other."""
    return [event["wire_end"]["state"] for event in daemon.events("wire_end")]


def expect_noticed(daemon, state, word):
    """Within a second: in the log, as an event, in the metrics, for systemd."""
    expect_true(eventually(lambda: word in daemon.process.stderr(), timeout=1), f"'{word}' in the log in a second")
    expect_true(eventually(lambda: state in states(daemon), timeout=1), f"{state} in {states(daemon)}")


def tx_errors(daemon):
    """Frames that came for a dead end were refused by it; all others passed."""
    count = metric_sum(daemon.metrics(), "minerwall_dropped_packets_total", reason="tx_error")
    return {"tx_error": int(count)} if count else {}


def test_nothing_is_said_while_nothing_changes(site):
    daemon = site.daemon()
    expect(site.passes(), True)
    time.sleep(2.2)
    expect((up(daemon), states(daemon)), ([1, 1], []))
    expect_good_end(daemon)


def deleted_and_made_again(site, **options):
    daemon = site.daemon(**options)
    expect(site.passes(), True)
    for count in (1, 2):
        site.lab.wire.ip("link", "del", "inside")
        expect_noticed(daemon, "gone", "wire end inside: the interface is gone")
        expect(up(daemon), [0, 1])
        time.sleep(1.2)  # beats from before may still be on their way
        beats = len(daemon.supervisor.heartbeats())
        time.sleep(2.2)
        expect(len(daemon.supervisor.heartbeats()), beats, "heartbeats while no wire is whole")
        site.make_inside()
        expect_true(eventually(site.passes, timeout=5), "frames pass again")
        expect(up(daemon), [1, 1])
        expect(metric_sum(daemon.metrics(), "minerwall_port_retaken_total", port="inside"), count)
        expect_true(
            eventually(lambda beats=beats: len(daemon.supervisor.heartbeats()) > beats, timeout=3), "heartbeats again"
        )
    said = [text for _, text in daemon.supervisor.heard if "STATUS=" in text]
    expect_true("wire end inside is gone" in said[-2] and "forwarding" in said[-1], f"status: {said}")
    expect_good_end(daemon, tx_errors(daemon))
    expect(settings(site, "inside")[0], True, "up at the end, as the cable's maker left it")


def test_deleted_and_made_again(site):
    deleted_and_made_again(site)


def test_deleted_and_made_again_with_two_workers(site):
    deleted_and_made_again(site, workers=2)


def test_taken_down_comes_up_again(site):
    daemon = site.daemon()
    site.lab.wire.ip("link", "set", "inside", "down")
    expect_noticed(daemon, "down", "somebody took the interface down")
    expect(up(daemon), [0, 1])
    expect_true(eventually(site.passes, timeout=6), "frames pass again")
    expect_good_end(daemon, tx_errors(daemon))


def test_renamed_and_replaced(site):
    daemon = site.daemon()
    for command in (("inside", "down"), ("inside", "name", "moved"), ("moved", "up")):
        site.lab.wire.ip("link", "set", *command)
    expect_noticed(daemon, "up", "the interface is called moved now")
    expect_true(eventually(site.passes, timeout=5), "frames pass the renamed interface")
    site.lab.hosts.ip("link", "set", "lan0", "name", "lan1")
    site.make_inside()
    expect_noticed(daemon, "up", "taken again")
    expect_true(eventually(site.passes, timeout=5), "frames pass the new interface")
    site.lab.wire.ip("link", "del", "moved")
    expect_true(site.passes(), "the old one does not matter any more")
    expect_good_end(daemon, tx_errors(daemon))


def test_larger_mtu(site):
    daemon = site.daemon()
    for namespace, interface in (
        (site.lab.wire, "inside"),
        (site.lab.hosts, "lan0"),
        (site.lab.wire, "outside"),
        (site.lab.internet, "wan0"),
    ):
        namespace.ip("link", "set", interface, "mtu", "9000")
    expect_noticed(daemon, "up", "the MTU is 9000 now, it was 1500")
    expect(site.passes(LONG), True)
    expect(site.passes(), True)
    expect_good_end(daemon)


def test_gone_for_good_ends_with_a_code_of_its_own(site):
    daemon = site.daemon()
    site.lab.wire.ip("link", "del", "inside")
    begin = time.monotonic()
    code = daemon.process.child.wait(timeout=30)
    expect(code, END_LOST, "exit code")
    expect_true(15 < time.monotonic() - begin < 25, "it looked for the interface for 20 seconds")
    expect_true("no wire has both ends: giving up" in daemon.process.stderr(), daemon.process.stderr())
    expect_true("ledger: balanced" in daemon.process.stdout(), daemon.process.stdout())


def test_supervisor_gets_the_wire_back(site):
    """What systemd does: start again a second after each failure, without a limit."""
    daemon = site.daemon()
    config = [site.program, "--config", str(daemon.directory / "minerwall.conf")]
    site.lab.wire.ip("link", "del", "inside")
    expect(daemon.process.stop(signal.SIGTERM), 0, "TERM without an end")
    for _ in range(2):
        done = subprocess.run(site.lab.wire.command(config), capture_output=True, text=True, timeout=30, check=False)
        expect(done.returncode, 1, done.stderr)
        expect_true("wire end inside: no such network interface" in done.stderr, done.stderr)
    site.make_inside()
    again = site.daemon()
    expect(site.passes(), True)
    expect_good_end(again)


def two_wires(daemon):
    """The daemon's configuration with a second wire."""
    text = (daemon.directory / "minerwall.conf").read_text("ascii")
    second = '{ name = "other"; ends = [ "net_null0,no-rx=1", "net_null1,no-rx=1" ]; }'
    text = text.replace('"outside" ]; } );', '"outside" ]; }, ' + second + " );")
    expect_true(second in text, text)
    return text


def test_a_whole_wire_is_not_cut_for_a_lost_one(site):
    """The watchdog is fed, and nothing gives up, while one of two wires is whole."""
    daemon = site.daemon(change=two_wires)
    site.lab.wire.ip("link", "del", "inside")
    expect_noticed(daemon, "gone", "wire end inside: the interface is gone")
    time.sleep(22)
    expect_true(daemon.process.running(), daemon.process.stderr())
    expect_true(daemon.supervisor.longest_pause() < 5, "heartbeats go on")
    site.make_inside()
    expect_true(eventually(site.passes, timeout=5), "frames pass again")
    expect_good_end(daemon, tx_errors(daemon))


def test_lost_dpdk_port_ends_at_once(site):
    """A port cannot be opened again while workers run, so the supervisor's restart must do it."""
    daemon = site.daemon(change=lambda daemon: (daemon.directory / "minerwall.conf").read_text("ascii").replace(
        '"inside"', '"net_af_packet0,iface=inside"'))
    expect_true(eventually(site.passes, timeout=5), f"frames pass: {daemon.process.stderr()}")
    site.lab.wire.ip("link", "del", "inside")
    expect(daemon.process.child.wait(timeout=10), END_LOST, daemon.process.stderr())
    expect_true("net_af_packet0: the device is gone" in daemon.process.stderr(), daemon.process.stderr())
    site.make_inside()
    again = site.daemon()
    expect(site.passes(), True)
    expect_good_end(again)


def test_what_was_lost_before_us_stands_beside_the_ledger(site):
    daemon = site.daemon()
    long = catalogue.ethernet(0x1234, bytes(1400))
    os.kill(daemon.process.pid, signal.SIGSTOP)
    with frames.Port(site.lab.hosts, "lan0") as inside:
        for _ in range(40_000):
            inside.send(long)
    os.kill(daemon.process.pid, signal.SIGCONT)
    expect_true(eventually(site.passes, timeout=10), "frames pass again")
    missed = int(metric_sum(daemon.metrics(), "minerwall_device_missed_packets_total", port="inside"))
    expect_true(missed > 1000, f"{missed} missed")
    status = f"{missed} packets missed by devices"
    expect_true(eventually(lambda: any(status in text for _, text in daemon.supervisor.heard)), "status")
    expect(daemon.stop(), 0, "exit code")
    expect_true(
        f"lost by the device inside before the ledger: {missed} missed" in daemon.process.stdout(), daemon.process.stdout()
    )
    stats = daemon.events("stats")[-1]["stats"]
    expect((stats["device"]["missed"], stats["device"]["ports"][0]["missed"]), (missed, missed), "stats event")
    expect_true(stats["ledger"]["balanced"], "the ledger balances without them")


def settings(site, interface):
    """What a daemon changes on an interface."""
    link = json.loads(site.lab.wire.ip("-j", "link", "show", "dev", interface))[0]
    features = netns.run(site.lab.wire.command(["ethtool", "-k", interface]))
    path = f"/proc/sys/net/ipv6/conf/{interface}/disable_ipv6"
    ipv6 = netns.run(site.lab.wire.command(["cat", path]))
    on = re.findall(r"^(\S+): on", features, re.MULTILINE)
    return "UP" in link["flags"], ipv6.strip(), sorted(on)


def test_a_kill_leaves_nothing_after_the_next_life(site):
    daemon = site.daemon()
    daemon.process.stop(signal.SIGKILL)
    site.daemon().stop()
    for feature in OFF:
        subprocess.run(site.lab.wire.command(["ethtool", "-K", "inside", feature, "on"]), capture_output=True, check=False)
    site.lab.wire.sysctl("net.ipv6.conf.inside.disable_ipv6", 0)
    site.lab.wire.ip("link", "set", "inside", "down")
    before = settings(site, "inside")
    expect_true("tcp-segmentation-offload" in before[2], f"segmentation offload is on: {before}")

    for _ in range(2):
        killed = site.daemon()
        expect_true(settings(site, "inside") != before, "changed")
        killed.process.stop(signal.SIGKILL)
    expect_good_end(site.daemon())
    expect(settings(site, "inside"), before, "after the life that followed")

    killed = site.daemon()
    killed.process.stop(signal.SIGKILL)
    subprocess.run(  # another daemon, on other ends; it ends at once, because of the busy address
        site.lab.wire.command([site.program, "--config", other_ends(killed)]), capture_output=True, timeout=30, check=False
    )
    expect(settings(site, "inside"), before, "after the start of a daemon on other ends")
    site.lab.wire.ip("link", "set", "inside", "up")
    site.lab.wire.sysctl("net.ipv6.conf.inside.disable_ipv6", 1)
    netns.switch_offloads_off(site.lab.wire, "inside")


def other_ends(daemon):
    """The daemon's configuration with other ends, and with metrics at an address that is not there."""
    text = (daemon.directory / "minerwall.conf").read_text("ascii")
    text = text.replace('"inside", "outside"', '"net_null0", "net_null1"').replace("127.0.0.1:", "192.0.2.1:")
    path = daemon.directory / "other.conf"
    path.write_text(text, encoding="ascii")
    return str(path)


def leftovers(site, daemons):
    """DPDK's directories of these daemons, and the files about this wire."""
    files = {f"/run/dpdk/minerwall-{daemon.process.pid}" for daemon in daemons}
    namespace = os.stat(netns.NETNS_DIR / site.lab.wire.name).st_ino
    return {file for file in files if os.path.exists(file)} | set(glob.glob(f"/run/minerwall-locks/net-{namespace}-*"))


def test_no_file_is_left_behind(site):
    daemons = [site.daemon()]
    expect_true(leftovers(site, daemons), "there are some while it lives")
    expect_good_end(daemons[0])
    expect(leftovers(site, daemons), set(), "what a life leaves")
    for _ in range(2):
        daemons.append(site.daemon())
        daemons[-1].process.stop(signal.SIGKILL)
    expect_true(len(leftovers(site, daemons)) > 4, "a kill leaves files ...")
    expect_good_end(site.daemon())
    expect(leftovers(site, daemons), set(), "... and the next start removes them")

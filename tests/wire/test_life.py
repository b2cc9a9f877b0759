"""Start, stop, death and refusal of the daemon; each test has a wire and a daemon of its own."""

import json
import re
import signal
import subprocess
import time

import catalogue
import frames
from harness import expect, expect_good_end, expect_true
from lab import netns, policies
from lab.daemon import Daemon
from lab.process import eventually
from lab.topology import BareLab

CONFIG_ERROR = 78  # EX_CONFIG
FRAME = catalogue.ethernet(0x1234, bytes(range(60)))


class Life:
    """An empty wire; the tests start and stop daemons in it."""

    def __init__(self, program):
        self.program = program
        self.lab = BareLab()
        self.count = 0

    def daemon(self, **options):
        for process in self.lab.processes:
            process.stop(signal.SIGKILL)  # a failed test may have left one running
        self.count += 1
        return Daemon(self.lab, policies.starter(), name=f"life{self.count}", program=self.program, **options)

    def passes(self):
        """Whether a frame put in at one end comes out of the other, both ways."""
        with frames.Port(self.lab.hosts, "lan0") as inside, frames.Port(self.lab.internet, "wan0") as outside:
            return [
                frames.carry(inside, outside, [FRAME], timeout=1),
                frames.carry(outside, inside, [FRAME], timeout=1),
            ] == [[FRAME], [FRAME]]

    def refused(self, config, name="refused"):
        """Starts the daemon with this configuration text; returns its exit code and its output."""
        path = self.lab.directory / f"{name}.conf"
        path.write_text(config, encoding="utf-8")
        return self.run(["--config", str(path)])

    def run(self, arguments):
        done = subprocess.run(
            self.lab.wire.command([self.program, *arguments]),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return done.returncode, done.stderr

    def end(self):
        """After all these daemons the two interfaces are there, up, and free."""
        for end in ("inside", "outside"):
            link = json.loads(self.lab.wire.ip("-j", "-d", "link", "show", "dev", end))[0]
            expect((link["operstate"], link["promiscuity"]), ("UP", 0), end)

    def close(self):
        self.lab.close()


def open_site(program):
    return Life(program)


def expect_one_clear_line(said, *words):
    for word in words:
        expect_true(word in said, f"'{word}' in: {said}")
    expect_true("terminate called" not in said and "Aborted" not in said, f"no stack trace: {said}")
    last = [line for line in said.splitlines() if line.strip() and not line.startswith("EAL:")]
    expect_true(1 <= len(last) <= 4, f"few lines: {said}")


def test_without_a_daemon_nothing_passes(site):
    expect(site.passes(), False)


def test_start_says_what_it_runs_on_and_stops_with_the_ledger(site):
    daemon = site.daemon()
    said = daemon.process.stderr()
    for word in ("inside", "outside", "lab.conf"):
        expect_true(word in said, f"'{word}' in the first lines:\n{said}")
    expect(site.passes(), True)
    ledger = expect_good_end(daemon)
    expect((ledger["received"], ledger["sent"]), (2, 2))
    expect(site.passes(), False)


def test_interfaces_are_given_back(site):
    def state():
        flags = site.lab.wire.ip("-d", "link", "show", "dev", "inside")
        features = netns.run(site.lab.wire.command(["ethtool", "-k", "inside"]))
        return re.findall(r"<[^>]*>|promiscuity \d+|allmulti \d+", flags), features

    before = state()
    daemon = site.daemon()
    expect_true("promiscuity 1" in state()[0], f"promiscuous while in use: {state()[0]}")
    expect_good_end(daemon)
    expect(state(), before)


def test_stops_on_interrupt_as_on_term(site):
    daemon = site.daemon()
    expect(daemon.process.stop(signal.SIGINT), 0)
    expect_true("ledger: balanced" in daemon.process.stdout(), daemon.process.stdout())


def test_killed_in_traffic_and_started_again(site):
    daemon = site.daemon()
    with frames.Port(site.lab.hosts, "lan0") as inside:
        for _ in range(200):
            inside.send(FRAME)
        daemon.process.stop(signal.SIGKILL)
        for _ in range(200):
            inside.send(FRAME)
    second = site.daemon()
    expect(site.passes(), True)
    expect_good_end(second)


def test_killed_leaves_interfaces_that_others_can_use(site):
    """After kill -9 an operator bridges the two ends by hand: the interfaces are up and free."""
    site.daemon().process.stop(signal.SIGKILL)
    site.lab.wire.ip("link", "add", "by-hand", "type", "bridge", "stp_state", "0", "forward_delay", "0")
    try:
        for end in ("inside", "outside"):
            site.lab.wire.ip("link", "set", end, "master", "by-hand")
        site.lab.wire.ip("link", "set", "by-hand", "up")
        expect_true(eventually(site.passes, timeout=5), "frames pass the bridge")
    finally:
        site.lab.wire.ip("link", "del", "by-hand")


def test_cable_pulled_and_put_back(site):
    daemon = site.daemon()
    expect(site.passes(), True)
    site.lab.internet.ip("link", "set", "wan0", "down")
    with frames.Port(site.lab.hosts, "lan0") as inside:
        for _ in range(50):
            inside.send(FRAME)
    time.sleep(1.0)
    expect_true(daemon.process.running(), "still alive")
    site.lab.internet.ip("link", "set", "wan0", "up")
    expect_true(eventually(site.passes, timeout=8), "frames pass again")
    daemon.stop()
    ledger = daemon.ledger()
    expect(
        ledger["received"],
        ledger["sent"] + ledger["dropped"]["tx_error"],
        "received, against sent or refused by the dead link",
    )


class Hugepages:
    """Makes at least this many 2 MiB pages free; restores the old number at the end."""

    PATH = "/proc/sys/vm/nr_hugepages"

    def __init__(self, count):
        self.count = count

    def __enter__(self):
        with open(self.PATH, encoding="ascii") as file:
            self.before = int(file.read())
        self.write(self.before + self.count)
        with open(self.PATH, encoding="ascii") as file:
            return int(file.read()) - self.before >= self.count

    def __exit__(self, *_):
        self.write(self.before)

    def write(self, count):
        with open(self.PATH, "w", encoding="ascii") as file:
            file.write(str(count))


def test_with_hugepages(site):
    with Hugepages(300) as enough:
        expect_true(enough, "the kernel has 600 MiB in one piece each for hugepages")
        daemon = site.daemon(hugepages="on")
        expect_true(", hugepages," in daemon.process.stderr(), "it says so")
        expect(site.passes(), True)
        ledger = expect_good_end(daemon)
    expect((ledger["received"], ledger["sent"]), (2, 2))


def test_without_the_hugepages_that_it_is_told_to_use(site):
    with open(Hugepages.PATH, encoding="ascii") as file:
        if int(file.read()) != 0:
            return  # this machine has some; the message is the same as for too few
    code, said = site.refused(
        'wires = ( { ends = [ "inside", "outside" ]; } ); policy = "p.conf";\n'
        + tiny_policy(site).replace("off", "on")
    )
    expect(code, 1)
    expect_one_clear_line(said, "hugepages")


def test_absent_interface(site):
    code, said = site.refused(
        'wires = ( { ends = [ "inside", "nowhere" ]; } ); policy = "p.conf";\n' + tiny_policy(site)
    )
    expect_true(code in (1, CONFIG_ERROR), f"exit code {code}")
    expect_one_clear_line(said, "nowhere")


def tiny_policy(site):
    (site.lab.directory / "p.conf").write_text(
        'version = 1; mode = "enforce"; lists: {}; rules: ();\n', encoding="ascii"
    )
    return 'memory: { hugepages = "off"; };\n'


def test_configuration_errors_come_all_at_once(site):
    code, said = site.refused(
        'wires = ( { ends = [ "inside" ]; } );\nworkerz: { count = 1; };\nmetrics: { listen = "nonsense"; };\n'
    )
    expect(code, CONFIG_ERROR)
    for word in ("refused.conf:1", "refused.conf:2", "refused.conf:3", "workers"):
        expect_true(word in said, f"'{word}' in:\n{said}")


def test_truncated_and_absent_configuration(site):
    code, said = site.refused('wires = ( { ends = [ "ins')
    expect(code, CONFIG_ERROR)
    expect_one_clear_line(said, "refused.conf:1")
    code, said = site.run(["--config", str(site.lab.directory / "absent.conf")])
    expect(code, CONFIG_ERROR)
    expect_one_clear_line(said, "absent.conf")


def test_invalid_policy_never_starts(site):
    (site.lab.directory / "bad.conf").write_text(
        'version = 1;\nrules: (\n  { name = "x"; when = { }; action = "explode"; }\n);\n', encoding="ascii"
    )
    code, said = site.refused(
        'wires = ( { ends = [ "inside", "outside" ]; } ); policy = "bad.conf";\n' + tiny_policy(site)
    )
    expect(code, CONFIG_ERROR)
    expect_one_clear_line(said, "bad.conf:3")


def test_busy_metrics_port(site):
    first = site.daemon()
    path = first.directory / "second.conf"
    path.write_text(
        (first.directory / "minerwall.conf")
        .read_text("ascii")
        .replace("eve.json", "second.json")
        .replace('"inside", "outside"', '"net_null0", "net_null1"'),
        encoding="ascii",
    )
    code, said = site.run(["--config", str(path)])
    expect_true(code in (1, CONFIG_ERROR), f"exit code {code}")
    expect_one_clear_line(said, "9477")
    expect(site.passes(), True)
    expect_good_end(first)


def test_without_permission(site):
    path = site.lab.directory / "nobody.conf"
    path.write_text(
        'wires = ( { ends = [ "inside", "outside" ]; } ); policy = "p.conf"; events: { file = "none"; };\n'
        + tiny_policy(site),
        encoding="ascii",
    )
    nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--bounding-set", "-all"]
    done = subprocess.run(
        site.lab.wire.command([*nobody, site.program, "--config", str(path)]),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    expect_true(done.returncode in (1, 77, CONFIG_ERROR), f"exit code {done.returncode}: {done.stderr}")
    expect_one_clear_line(done.stderr.lower(), "permi")

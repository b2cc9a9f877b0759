"""Control never harms the path: signals at any moment, long loads, a stuck log, a second daemon; each test has a wire and a daemon of its own."""

import os
import pathlib
import re
import signal
import subprocess
import time

from harness import StuckPipe, Supervisor, expect, expect_good_end, expect_true
from lab import netns, policies
from lab.daemon import Daemon, metric_sum
from lab.process import eventually
from lab.topology import BareLab

LOCKS = "/run/minerwall-locks"
REQUESTS = (signal.SIGHUP, signal.SIGUSR1)
NAMES, PATTERNS = 1_000_000, 3_000  # each takes seconds: of our time, and of Hyperscan's
LONG_LISTS = """lists: {
  long-names    = { type = "domain";       files = [ "lists/long.domains" ]; };
  long-patterns = { type = "name-pattern"; files = [ "lists/long.patterns" ]; };
"""
LONG_RULES = """rules: (
  { name = "EDITION"; when = { server_name = "@long-names"; };    action = "reset"; },
  { name = "pattern"; when = { server_name = "@long-patterns"; }; action = "reset"; },
"""


class Control:
    """An empty wire; the tests start and stop daemons in it."""

    def __init__(self, program):
        self.program = program
        self.lab = BareLab()
        self.count = 0

    def daemon(self, policy=None, **options):
        for process in self.lab.processes:
            process.stop(signal.SIGKILL)  # a failed test may have left one running
        self.count += 1
        name = f"control{self.count}"
        return Daemon(self.lab, policy or policies.starter(), name=name, program=self.program, **options)

    def end(self):
        pass

    def close(self):
        self.lab.close()


def open_site(program):
    return Control(program)


def long_lists():
    """The texts of lists that take long to load."""
    patterns = (f"pool{n}[a-z]{{1,{n % 20 + 2}}}x{n * 7919 % 100000}.*mine{n}\n" for n in range(PATTERNS))
    return {
        "long.domains": "".join(f"host{n}.pool{n % 1000}.example\n" for n in range(NAMES)),
        "long.patterns": "".join(patterns),
    }


def long_policy(edition="first"):
    """The starter policy with these lists; a rule has the edition's name."""
    text = policies.starter()
    for old, new in (("lists: {", LONG_LISTS), ("rules: (", LONG_RULES.replace("EDITION", edition))):
        expect(text.count("\n" + old), 1, f"'{old}' in policies/starter.conf")
        text = text.replace("\n" + old, "\n" + new, 1)
    return text


def loads(daemon, result="ok"):
    return metric_sum(daemon.metrics(), "minerwall_policy_reloads_total", result=result)


def holds_requests(pid):
    """The process is the daemon, and HUP and USR1 wait."""
    directory = pathlib.Path(f"/proc/{pid}")
    if os.readlink(directory / "exe").endswith("/ip"):
        return False
    status = dict(line.split(":\t", 1) for line in (directory / "status").read_text("ascii").splitlines())
    blocked = int(status["SigBlk"], 16)
    return all(blocked >> (number - 1) & 1 for number in REQUESTS)


def test_requests_at_every_moment_of_the_start_are_served(site):
    """They are held before the policy is read, and held until the end of the start."""
    daemon = site.daemon(long_policy(), lists=long_lists(), wait=False)
    begin = time.monotonic()
    expect_true(
        eventually(lambda: holds_requests(daemon.process.pid), timeout=10, pause=0), "HUP and USR1 are held"
    )
    held = time.monotonic()
    while daemon.process.running() and "ready" not in daemon.process.stderr():
        for number in REQUESTS:
            daemon.process.child.send_signal(number)
        time.sleep(0.002)
    ready = time.monotonic()
    daemon.wait_until_ready()
    expect_true(held - begin < (ready - begin) / 4, f"held after {held - begin}, ready after {ready - begin} s")
    expect_true(eventually(lambda: loads(daemon) == 1, timeout=60), "the policy was loaded again, once")
    expect_good_end(daemon)


def test_requests_that_wait_since_before_the_start_are_served(site):
    """A supervisor may start the daemon with signals held and send one right after exec."""
    signal.pthread_sigmask(signal.SIG_BLOCK, REQUESTS)  # a child inherits this
    try:
        daemon = site.daemon(wait=False)
        for number in REQUESTS:
            daemon.process.child.send_signal(number)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, REQUESTS)
    daemon.wait_until_ready()
    expect_true(eventually(lambda: loads(daemon) == 1), "the policy was loaded again")
    expect_good_end(daemon)


def test_term_ends_a_start_at_once(site):
    daemon = site.daemon(wait=False)
    expect_true(
        eventually(lambda: holds_requests(daemon.process.pid), timeout=10, pause=0), "the daemon runs"
    )
    begin = time.monotonic()
    code = daemon.process.stop(signal.SIGTERM)
    expect_true(code in (0, -signal.SIGTERM), f"exit code {code}")
    expect_true(time.monotonic() - begin < 5, "it ended in time")


def test_storm_of_requests_during_a_long_load(site):
    """The loop goes on: heartbeats keep their pace, one more load follows, and the last policy is in force."""
    supervisor = Supervisor(site.lab.directory / "notify")
    daemon = site.daemon(long_policy(), lists=long_lists(), environment=supervisor.environment)
    begin = time.monotonic()
    daemon.reload()
    for edition in range(100):
        daemon.set_policy(long_policy(f"edition-{edition}"))
        daemon.reload()
        time.sleep(0.005)
    expect(loads(daemon), 0, "loads before the end of the storm")
    expect_true(eventually(lambda: loads(daemon) == 2, timeout=120), "two loads")
    took = time.monotonic() - begin
    time.sleep(1.5)
    expect(loads(daemon), 2, "loads")
    expect_true('rule="edition-99"' in daemon.metrics(), "the last policy is in force")
    expect_true(len(supervisor.heartbeats()) >= took - 2, f"a heartbeat in each of {took} seconds")
    expect_true(supervisor.longest_pause() < 5, f"{supervisor.longest_pause()} s without a heartbeat")
    answers = [text.splitlines()[0] for _, text in supervisor.heard if "WATCHDOG" not in text]
    expect(answers, ["READY=1"] + ["RELOADING=1", "READY=1"] * 2, "notifications")

    daemon.reload()
    time.sleep(0.2)
    begin = time.monotonic()
    expect_good_end(daemon)
    expect_true(time.monotonic() - begin < 4, f"it took {time.monotonic() - begin} s to end during a load")
    expect(daemon.process.stderr().count("reloaded"), 2, "policies put into force")


def test_log_that_nobody_reads(site):
    """Start, forwarding, reload, statistics and TERM go on; once there is room the log says what it lost."""
    pipe = StuckPipe()
    supervisor = Supervisor(site.lab.directory / "notify-stuck")
    daemon = site.daemon(wait=False, stderr=pipe.writer, environment=supervisor.environment)
    expect_true(eventually(supervisor.heartbeats, timeout=30), "it is ready without its log")
    for count in range(1, 4):
        daemon.reload()
        expect_true(eventually(lambda count=count: loads(daemon) == count, timeout=20), f"load {count}")
    time.sleep(2)
    expect_true(supervisor.longest_pause() < 5, f"{supervisor.longest_pause()} s without a heartbeat")
    pipe.drain()
    said = []
    eventually(lambda: said.append(pipe.drain()) or "were lost" in said[-1], timeout=5)
    expect_true(re.search(r"\d+ lines of this log were lost", "".join(said)), "".join(said))
    daemon.reload()
    expect_true(eventually(lambda: "version 5" in pipe.drain()), "the log goes on")

    while True:  # fill it again, for the end
        os.set_blocking(pipe.writer, False)  # the daemon has a description of its own
        try:
            os.write(pipe.writer, b".")
        except BlockingIOError:
            break
    begin = time.monotonic()
    expect_good_end(daemon)
    expect_true(time.monotonic() - begin < 4, f"it took {time.monotonic() - begin} s to end")


def lock_files(site):
    """The lock files of this wire; other labs may run beside us."""
    namespace = os.stat(netns.NETNS_DIR / site.lab.wire.name).st_ino
    return {name for name in os.listdir(LOCKS) if re.fullmatch(f"net-{namespace}-.*lock", name)}


def second(site, first, name, *changes):
    """Runs a second daemon with the first one's configuration, changed; returns exit code and output."""
    text = (first.directory / "minerwall.conf").read_text("ascii")
    for old, new in (("metrics: {", "metrics: { enabled = false;"), *changes):
        expect(text.count(old), 1, f"'{old}' in the configuration")
        text = text.replace(old, new)
    path = first.directory / name
    path.write_text(text, encoding="ascii")
    done = subprocess.run(
        site.lab.wire.command([site.program, "--config", str(path)]),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.returncode, done.stderr


def test_second_daemon_on_an_interface_or_event_file_is_refused_by_name(site):
    first = site.daemon()
    locks = lock_files(site)
    expect(len(locks), 2, "locks")
    for ends in ('"inside", "net_null0"', '"net_null0", "net_af_packet1,iface=outside"'):
        code, said = second(site, first, "ends.conf", ('"inside", "outside"', ends), ("eve.json", "2.json"))
        expect(code, 1, said)
        name = "inside" if "inside" in ends else "net_af_packet1"
        expect_true(f"the wire end {name} belongs to process {first.process.pid}" in said, said)
    code, said = second(site, first, "events.conf", ('"inside", "outside"', '"net_null0", "net_null1"'))
    expect(code, 1, said)
    expect_true(f"{first.events_path}: another process writes it" in said, said)
    expect(lock_files(site), locks, "locks after the refusals")
    first.process.child.send_signal(signal.SIGUSR1)
    expect_good_end(first)
    expect(locks & lock_files(site), set(), "locks that a good end leaves")


def test_what_a_killed_daemon_left_is_no_obstacle(site):
    killed = site.daemon()
    locks = lock_files(site)
    killed.process.stop(signal.SIGKILL)
    expect_true(locks <= lock_files(site), "the files are still there")
    next_one = site.daemon()
    expect(lock_files(site), locks, "they are used again")
    expect_good_end(next_one)

"""Control never harms the path: signals at any moment; each test has a wire and a daemon of its own."""

import os
import pathlib
import signal
import time

from harness import expect, expect_good_end, expect_true
from lab import policies
from lab.daemon import Daemon, metric_sum
from lab.process import eventually
from lab.topology import BareLab

REQUESTS = (signal.SIGHUP, signal.SIGUSR1)
LONG = "long.domains"
NAMES = 1_000_000


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


def long_lists(names=NAMES):
    """The text of a list that takes long to load."""
    return {LONG: "".join(f"host{number}.pool{number % 1000}.example\n" for number in range(names))}


def long_policy():
    """The starter policy with this list."""
    names = 'files = [ "lists/pools.domains"'
    text = policies.starter()
    expect_true(names in text, "policies/starter.conf has the list of pools")
    return text.replace(names, f'{names}, "lists/{LONG}"', 1)


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

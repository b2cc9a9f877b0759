"""Disks and readers that do not go on, and storms of signals: they cost lines, and disturb no worker, no TERM, no watchdog."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import threading
import time

import catalogue
import frames
from harness import Skip, StuckPipe, Supervisor, expect, expect_good_end, expect_true
from lab import netns, policies
from lab.daemon import GROUPS, Daemon, metric_sum
from lab.process import eventually
from lab.topology import BareLab

FRAME = catalogue.ethernet(0x1234, bytes(range(60)))

# A preloaded library: while the file STUCK is there, writes to files below SLOW and renamings wait, as on a disk that
# does not answer.
SLOW_DISK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void wait_for_disk(void) {
    while (access(getenv("STUCK"), F_OK) == 0) {
        usleep(10000);
    }
}

ssize_t write(int fd, const void* data, size_t size) {
    static ssize_t (*real)(int, const void*, size_t);
    char link[64], path[4096] = "";
    if (real == NULL) {
        real = (ssize_t(*)(int, const void*, size_t))dlsym(RTLD_NEXT, "write");
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (readlink(link, path, sizeof path - 1) > 0 && strncmp(path, getenv("SLOW"), strlen(getenv("SLOW"))) == 0) {
        wait_for_disk();
    }
    return real(fd, data, size);
}

int rename(const char* from, const char* to) {
    static int (*real)(const char*, const char*);
    if (real == NULL) {
        real = (int (*)(const char*, const char*))dlsym(RTLD_NEXT, "rename");
    }
    if (strncmp(to, getenv("SLOW"), strlen(getenv("SLOW"))) == 0) {
        wait_for_disk();
    }
    return real(from, to);
}
"""


class Slow:
    """An empty wire; each test has a daemon of its own, with something slow."""

    def __init__(self, program):
        self.program = program
        self.lab = BareLab()
        self.count = 0
        self.mtu = 1500

    def daemon(self, environment=None, ready=None, **options):
        for process in self.lab.processes:
            process.stop(signal.SIGKILL)  # a failed test may have left one running
        self.count += 1
        supervisor = Supervisor(self.lab.directory / f"notify{self.count}")
        daemon = Daemon(
            self.lab,
            policies.starter(),
            name=f"slow{self.count}",
            program=self.program,
            environment={**supervisor.environment, **(environment or {})},
            wait=False,
            **options,
        )
        daemon.supervisor = supervisor
        expect_true(eventually(lambda: ready(daemon) if ready else supervisor.heartbeats(), timeout=30), "it is ready")
        return daemon

    def passes(self):
        """Whether a frame put in at one end comes out of the other, both ways."""
        with frames.Port(self.lab.hosts, "lan0") as inside, frames.Port(self.lab.internet, "wan0") as outside:
            return [
                frames.carry(inside, outside, [FRAME], timeout=1),
                frames.carry(outside, inside, [FRAME], timeout=1),
            ] == [[FRAME], [FRAME]]

    def change_end(self):
        """An event, and a line of the log."""
        self.mtu = 2999 - self.mtu
        self.lab.wire.ip("link", "set", "inside", "mtu", str(self.mtu))
        expect_true(eventually(self.passes, timeout=5), "frames pass afterwards")

    def end(self):
        for end in ("inside", "outside"):
            link = json.loads(self.lab.wire.ip("-j", "-d", "link", "show", "dev", end))[0]
            expect((link["operstate"], link["promiscuity"]), ("UP", 0), end)

    def close(self):
        self.lab.close()


def open_site(program):
    return Slow(program)


def loads(daemon):
    return metric_sum(daemon.metrics(), "minerwall_policy_reloads_total", result="ok")


def expect_undisturbed(site, daemon):
    """Whatever is stuck: forwarding, reload, metrics and the watchdog go on."""
    before = loads(daemon)
    for count in range(1, 4):
        site.change_end()
        daemon.reload()
        daemon.process.child.send_signal(signal.SIGUSR1)
        expect_true(eventually(lambda count=count: loads(daemon) == before + count, timeout=10), f"load {count}")
    time.sleep(2)
    expect_true(daemon.supervisor.longest_pause() < 5, f"{daemon.supervisor.longest_pause()} s without a heartbeat")
    expect(site.passes(), True)


def expect_timely_end(daemon, seconds, code=0):
    begin = time.monotonic()
    daemon.process.child.send_signal(signal.SIGTERM)
    try:
        seen = daemon.process.child.wait(seconds)
    except subprocess.TimeoutExpired as late:
        raise AssertionError(f"TERM was not served in {time.monotonic() - begin:.1f} s") from late
    expect(seen, code, "exit code")


def slow_disk(site):
    """The environment that makes the lab's directory a slow disk, and the file that makes it stand still."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise Skip("no C compiler")
    source, library = site.lab.directory / "slow_disk.c", site.lab.directory / "slow_disk.so"
    source.write_text(SLOW_DISK, encoding="ascii")
    netns.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"], timeout=60)
    stuck = site.lab.directory / "stuck"
    return {"LD_PRELOAD": str(library), "SLOW": f"{site.lab.directory}/slow", "STUCK": str(stuck)}, stuck


def test_disk_that_does_not_answer(site):
    """Log, events, exit report and the list of learned addresses are on it."""
    environment, stuck = slow_disk(site)
    learned = site.lab.directory / "slow-learned.json"
    groups = f'{GROUPS} learning: {{ file = "{learned}"; }};'
    daemon = site.daemon(environment=environment, groups=groups)
    expect_true(eventually(learned.exists), "the list is written")
    site.change_end()
    expect_true(eventually(lambda: daemon.events("wire_end")), "events are written")
    stuck.touch()
    told = len(daemon.events("wire_end"))
    before = daemon.process.stderr()
    expect_undisturbed(site, daemon)
    expect(daemon.process.stderr(), before, "the log while the disk stands still")
    stuck.unlink()
    expect_true(eventually(lambda: "version 4" in daemon.process.stderr()), "the log goes on")
    expect_true(eventually(lambda: len(daemon.events("wire_end")) > told), "the events go on")
    expect_good_end(daemon)

    daemon = site.daemon(environment=environment, groups=groups)
    stuck.touch()
    site.change_end()
    expect_timely_end(daemon, 12)
    stuck.unlink()


def test_event_reader_that_does_not_read(site):
    """Events go to standard output, a pipe in blocking mode that is full."""
    pipe = StuckPipe()
    daemon = site.daemon(events="-", stdout=pipe.writer)
    expect_true(not fcntl.fcntl(pipe.writer, fcntl.F_GETFL) & os.O_NONBLOCK, "the pipe's mode is not ours")
    expect_undisturbed(site, daemon)
    expect_timely_end(daemon, 6)


def test_fifo_that_nobody_reads(site):
    fifo = site.lab.directory / "events.fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    daemon = site.daemon(events=fifo)
    expect_undisturbed(site, daemon)
    expect_timely_end(daemon, 6)
    os.close(reader)


def test_supervisor_that_does_not_read(site):
    """Its socket holds a few messages, and then keeps each sender waiting."""
    path = site.lab.directory / "notify-stuck"
    supervisor = Supervisor(path, reads=False)
    daemon = site.daemon(environment=supervisor.environment, ready=lambda daemon: "ready" in daemon.process.stderr())
    for count in range(1, 16):
        daemon.reload()
        expect_true(eventually(lambda count=count: loads(daemon) == count, timeout=5), f"load {count}")
    expect(site.passes(), True)
    expect_timely_end(daemon, 6)


def test_term_in_a_storm_of_requests(site):
    daemon = site.daemon()
    going = threading.Event()

    def storm():
        while not going.is_set() and daemon.process.running():
            for number in (signal.SIGHUP, signal.SIGUSR1):
                daemon.process.child.send_signal(number)

    sender = threading.Thread(target=storm)
    sender.start()
    try:
        time.sleep(3)
        expect(site.passes(), True)
        expect_true(daemon.supervisor.longest_pause() < 5, "heartbeats go on")
        expect_timely_end(daemon, 6)
    finally:
        going.set()
        sender.join()


def test_list_of_learned_addresses_has_one_owner(site):
    learned = site.lab.directory / "learned.json"
    first = site.daemon(groups=f'{GROUPS} learning: {{ file = "{learned}"; }};')
    text = (first.directory / "minerwall.conf").read_text("ascii")
    for old, new in (
        ('"inside", "outside"', '"net_null0", "net_null1"'),
        ("eve.json", "second.json"),
        (str(learned), f"{site.lab.directory}/../{site.lab.directory.name}/learned.json"),
    ):
        text = text.replace(old, new)
    path = first.directory / "second.conf"
    path.write_text(text, encoding="ascii")
    done = subprocess.run(
        site.lab.wire.command([site.program, "--config", str(path)]), capture_output=True, text=True, timeout=30, check=False
    )
    expect(done.returncode, 1, done.stderr)
    expect_true(f"learned.json belongs to process {first.process.pid}" in done.stderr, done.stderr)
    expect_good_end(first)

"""What the wire tests use: a site (lab and running daemon), expectations, and the laws that hold at every daemon's end.
"""

import fcntl
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts/lib"))

# pylint: disable=wrong-import-position
from lab import policies, servers, topology  # noqa: E402
from lab.daemon import Daemon  # noqa: E402
from lab.scene import Scene  # noqa: E402

CHECK_EVE = ROOT / "scripts/check-eve"


class Skip(Exception):
    """A test that cannot run here; the text says what is missing."""


def expect(seen, wanted, what=""):
    if seen != wanted:
        raise AssertionError(f"{what + ': ' if what else ''}expected {wanted!r}, seen {seen!r}")


def expect_true(holds, what):
    if not holds:
        raise AssertionError(what)


def ledger_of(daemon):
    """The totals of the ledger, which our own sum must confirm, too."""
    ledger = daemon.ledger()
    expect_true(ledger is not None, "no stats event was written")
    left = ledger["received"] + ledger["crafted"] - ledger["sent"] - sum(ledger["dropped"].values())
    expect(left, 0, f"packets unaccounted for in {json.dumps(ledger)}")
    return ledger


def unwanted_drops(ledger):
    """Drops that no policy asked for: a healthy wire has none."""
    return {
        reason: count
        for reason, count in ledger["dropped"].items()
        if count and not reason.startswith("policy_")
    }


def expect_good_end(daemon, allowed=None):
    """Stops a daemon. It must end with exit code 0, a balanced ledger and events that fit the schema."""
    expect(daemon.stop(), 0, "exit code")
    expect_true(
        "ledger: balanced" in daemon.process.stdout(),
        f"no balanced ledger on stdout:\n{daemon.process.stdout()}",
    )
    ledger = ledger_of(daemon)
    expect(unwanted_drops(ledger), allowed or {}, "drops that no policy asked for")
    if CHECK_EVE.exists():
        checked = subprocess.run(
            [str(CHECK_EVE), str(daemon.events_path)], capture_output=True, text=True, timeout=60, check=False
        )
        expect(
            checked.returncode,
            0,
            f"scripts/check-eve: {(checked.stdout + checked.stderr)[-1000:]}\nexit code",
        )
    return ledger


class Supervisor:
    """What systemd is for the daemon: a socket for its notifications, and when each came."""

    def __init__(self, path, reads=True):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.environment = {"NOTIFY_SOCKET": str(path)}
        self.heard = []  # (time, text)
        if reads:
            threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            text = self.socket.recv(4096).decode()
            self.heard.append((time.monotonic(), text))

    def heartbeats(self):
        return [when for when, text in self.heard if "WATCHDOG=1" in text]

    def longest_pause(self):
        beats = self.heartbeats()
        return max(after - before for before, after in zip(beats, beats[1:]))


class StuckPipe:
    """A full pipe that nobody reads until drain()."""

    def __init__(self):
        self.reader, self.writer = os.pipe()
        fcntl.fcntl(self.writer, fcntl.F_SETPIPE_SZ, 4096)
        os.write(self.writer, b"full\n".ljust(4096, b"."))

    def drain(self):
        os.set_blocking(self.reader, False)
        try:
            return os.read(self.reader, 1 << 16).decode()
        except BlockingIOError:
            return ""


class RoutedSite:
    """Hosts, servers and a daemon with the starter policy; the mining machine's addresses may mine."""

    def __init__(self, program, workers=1, mtu=1500, mode="enforce", **daemon):
        self.lab = topology.RoutedLab(mtu)
        try:
            authority = servers.start_web(self.lab)
            servers.start_dns(self.lab)
            self.pool = servers.PoolServer(self.lab)
            self.policy = policies.starter(sanctioned=topology.RIG, mode=mode)
            self.daemon = Daemon(self.lab, self.policy, workers=workers, program=program, **daemon)
            self.scene = Scene(self.lab, self.daemon, self.pool, authority)
        except BaseException:
            self.lab.close()
            raise

    def mine(self, source, dialect, *extra, **where):
        return servers.mine(self.lab, source, dialect, *extra, **where)

    def end(self):
        expect_good_end(self.daemon)

    def close(self):
        self.lab.close()


class BareSite:
    """Silent ends and a daemon; only the test's frames are on the wire."""

    def __init__(self, program, workers=1, mtu=1500, room=2048):
        self.lab = topology.BareLab(mtu)
        try:
            self.daemon = Daemon(self.lab, policies.starter(), workers=workers, room=room, program=program)
        except BaseException:
            self.lab.close()
            raise

    def end(self):
        expect_good_end(self.daemon)

    def close(self):
        self.lab.close()

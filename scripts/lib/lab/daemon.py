"""minerwalld in the lab's wire namespace: its configuration, its life, and its output."""

import json
import os
import pathlib
import shutil
import signal
import subprocess

from .process import eventually

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILT = ROOT / "build/minerwalld"
METRICS = "127.0.0.1:9477"  # inside the wire namespace

CONFIG = """
wires = ( {{ name = "lab"; ends = [ "inside", "outside" ]; }} );
policy = "{policy}";
workers: {workers};
memory: {{ hugepages = "{hugepages}"; mbuf_data_room = {room}; }};
{groups}
events: {{ file = "{events}"; }};
metrics: {{ listen = "{metrics}"; }};
"""

GROUPS = "flows: { capacity = 4096; inspections = 1024; };"


def workers_group(count):
    """Several workers share the first CPU on purpose: no test may depend on the order in which they run."""
    cores = f" cores = [ {', '.join(['0'] * count)} ];" if count > 1 else ""
    return f"{{ count = {count};{cores} }}"


class Daemon:
    """One life of minerwalld, from start to exit code; a lab may see several, one after another.

    lists: texts of further list files, by name. groups: further groups of minerwall.conf. events: the event file, if not
    eve.json in the daemon's directory. change: gets this object and returns the text of minerwall.conf to start with. wait:
    return when it is ready.
    The other options are those of a Process.
    """

    def __init__(
        self,
        lab,
        policy,
        name="minerwalld",
        workers=1,
        room=2048,
        program=BUILT,
        hugepages="off",
        groups=GROUPS,
        lists=None,
        events=None,
        change=None,
        wait=True,
        **options,
    ):
        self.lab = lab
        self.directory = lab.directory / name
        self.directory.mkdir()
        # The daemon reads lists only from the policy's own directory, so copy the shipped policies there.
        shutil.copytree(ROOT / "policies", self.directory / "policies")
        self.policy_path = self.directory / "policies/lab.conf"
        self.events_path = self.directory / "eve.json"
        for file, text in (lists or {}).items():
            (self.directory / "policies/lists" / file).write_text(text, encoding="ascii")
        self.set_policy(policy)
        config = self.directory / "minerwall.conf"
        config.write_text(
            CONFIG.format(
                policy=self.policy_path,
                workers=workers_group(workers),
                room=room,
                hugepages=hugepages,
                events=events or self.events_path,
                metrics=METRICS,
                groups=groups,
            ),
            encoding="ascii",
        )
        if change is not None:
            config.write_text(change(self), encoding="ascii")
        self.process = lab.start(name, [str(program), "--config", str(config)], lab.wire, **options)
        if wait:
            self.wait_until_ready()

    def wait_until_ready(self):
        self.process.wait_for(r"\bready\b", timeout=30)

    def set_policy(self, text):
        """Replaces the file by a rename, so that a reload never reads half of it."""
        temporary = self.policy_path.with_suffix(".new")
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, self.policy_path)

    def reload(self):
        self.process.child.send_signal(signal.SIGHUP)

    def stop(self):
        """Sends TERM; returns the exit code once the daemon has ended."""
        return self.process.stop(signal.SIGTERM, timeout=15)

    def events(self, kind=None):
        """The events so far, without a last line that is still being written."""
        if not self.events_path.exists():
            return []
        text = self.events_path.read_text("utf-8", "replace")
        lines = text[: text.rfind("\n") + 1].splitlines()
        records = [json.loads(line) for line in lines]
        return [record for record in records if kind is None or record.get("event_type") == kind]

    def wait_for_event(self, fits, timeout=5.0):
        """The first event that fits, or None; the daemon writes an event a moment after the packet passed."""
        found = []

        def look():
            found.extend(record for record in self.events() if fits(record))
            return bool(found)

        eventually(look, timeout, pause=0.1)
        return found[0] if found else None

    def metrics(self):
        """The text of the Prometheus endpoint, scraped inside the wire namespace."""
        argv = ["curl", "-sS", "--fail", "--max-time", "5", f"http://{METRICS}/metrics"]
        done = subprocess.run(
            self.lab.wire.command(argv), capture_output=True, text=True, timeout=20, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"no metrics at {METRICS}: {done.stderr.strip()}")
        return done.stdout

    def ledger(self):
        """The packet counters of the last stats event."""
        stats = self.events("stats")
        return stats[-1]["stats"]["ledger"] if stats else None


def metric_sum(text, name, **labels):
    """Adds up the samples of one metric that carry all of these labels."""
    total, found = 0.0, False
    for line in text.splitlines():
        head, _, value = line.rpartition(" ")
        if head.split("{")[0] == name and all(f'{key}="{wanted}"' in head for key, wanted in labels.items()):
            total, found = total + float(value), True
    return total if found else None

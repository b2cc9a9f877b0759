"""A case at work: it writes a capture frame by frame, replays it and judges the result."""

import pathlib
import re
import shutil
import subprocess

from . import replay
from .conversation import Frame, Tcp, Udp

ROOT = pathlib.Path(__file__).resolve().parents[3]
POLICIES = ROOT / "policies"


class Observed(Exception):
    """Ends a case whose frames were replayed under a policy that observes: its expectations are about enforcing."""


class Test:
    """The object that a case function gets."""

    def __init__(self, name, program, directory, together=None, observing=False):
        self.name = name
        self.batch = together
        self.observing = observing
        self.program = program
        self.directory = pathlib.Path(directory)
        self.frames = []
        self.policy_file = POLICIES / "starter.conf"
        self.policy_key = "starter"  # the same for cases that may share a run
        self._conversations = 0
        self._wait = 0
        self._undone = []

    # The capture

    def next_conversation(self):
        self._conversations += 1
        return self._conversations

    def next_identity(self):
        return len(self.frames) + 1

    def frame(self, data, owner=None, sender=None, **fields):
        frame = Frame(data, owner, sender, **fields)
        frame.index = len(self.frames)
        frame.wait, self._wait = self._wait, 0
        self.frames.append(frame)
        return frame

    def raw(self, *frames):
        """Frames as they are: bytes, or scapy packets."""
        return [self.frame(bytes(frame)) for frame in frames]

    def tcp(self, **options):
        return Tcp(self, **options)

    def udp(self, **options):
        return Udp(self, **options)

    def wait(self, seconds):
        """Time that passes before the next frame."""
        self._wait += int(seconds * 10**9)

    # The policy

    def policy(self, text, **lists):
        """A policy of the case's own; `lists` are files beside it: name, with text. The shipped lists are there too."""
        folder = self.directory / "policy"
        if not folder.exists():
            folder.mkdir()
            shutil.copytree(POLICIES / "lists", folder / "lists")
        for name, content in lists.items():
            (folder / name).write_text(content, encoding="utf-8")
        self.policy_file = folder / "policy.conf"
        self.policy_file.write_text(text, encoding="utf-8")
        self.policy_key = (text, tuple(sorted(lists.items())))
        return self.policy_file

    def rules(self, rules, lists="", mode="enforce"):
        """A policy of these rules and lists in libconfig's notation."""
        return self.policy(f'version = 1;\nmode = "{mode}";\nlists: {{ {lists} }};\nrules: ( {rules} );\n')

    def shipped(self, name="starter", changes=()):
        """A shipped policy, with texts replaced by others."""
        text = (POLICIES / f"{name}.conf").read_text(encoding="utf-8")
        for old, new in changes:
            if old not in text:
                raise AssertionError(f"{name}.conf has no {old!r} to be replaced")
            text = text.replace(old, new, 1)
        return self.policy(text)

    # The run

    def run(self, *arguments, **options):
        """Runs the program with these arguments, without a shell and with a timeout."""
        return subprocess.run(
            [self.program, *map(str, arguments)],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=120,
            check=False,
            cwd=self.directory,
            **options,
        )

    def write(self, name, content):
        path = self.directory / name
        path.write_bytes(content)
        return path

    def timed(self, step, start=replay.START):
        time, out = start, []
        for frame in self.frames:
            time += step + frame.wait
            out.append((time, frame.data))
        return out

    def replay(self, arguments=(), by_itself=False):
        """Replays the frames so far. Expectations that the case does not state are checked at its end: see Result.

        `by_itself`: in a run of its own, because the case looks at its stats.
        """
        if self.observing:
            self._observe()
        if arguments or by_itself or self.batch is None:
            result = replay.alone(self, arguments)
        else:
            result = self.batch.replay(self)
        if self.observing:
            result.finish_observing()
            raise Observed
        self._undone.append(result)
        return result

    def _observe(self):
        """Puts the case's policy into observe mode."""
        text = self.policy_file.read_text(encoding="utf-8")
        observing, count = re.subn(r'^([^#\n]*?\bmode *= *)"\w+"', r'\1"observe"', text, count=1, flags=re.M)
        if count != 1:
            raise AssertionError(f"{self.policy_file} has no mode")
        if self.policy_key == "starter":
            self.policy(observing)
        else:
            self.policy_file.write_text(observing, encoding="utf-8")
        self.policy_key = (self.policy_key, "observe")

    def finish(self):
        for result in self._undone:
            result.finish()

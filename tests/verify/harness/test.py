"""A case at work: it writes a capture frame by frame, replays it, and is handed the result to judge."""

import pathlib
import shutil
import subprocess

from . import capture
from .conversation import Frame, Tcp, Udp
from .result import Result

ROOT = pathlib.Path(__file__).resolve().parents[3]
POLICIES = ROOT / "policies"
START = 1_760_000_000 * 10**9
# Every capture is replayed twice in one run: with packets that come one by one, and with packets that come so close
# that one burst of the path holds many of a flow. The second is a day later, which tells what left of which.
STEPS = {"slow": 10 * 10**6, "burst": 10**3}
DAY = 86400 * 10**9


class Test:
    """What a case function is handed."""

    def __init__(self, name, program, directory):
        self.name = name
        self.program = program
        self.directory = pathlib.Path(directory)
        self.frames = []
        self.policy_file = POLICIES / "starter.conf"
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
        """The program with these arguments; never a shell, never a hang."""
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

    def timed(self, step, start=START):
        time, out = start, []
        for frame in self.frames:
            time += step + frame.wait
            out.append((time, frame.data))
        return out

    def replay(self, arguments=()):
        """Replays the frames so far. What the case does not say about the result is checked at its end: see Result."""
        begin, captures = START, []
        for variant, step in STEPS.items():
            frames = self.timed(step, begin)
            path = self.write(f"{variant}.pcap", capture.pcap(frames))
            captures.append((variant, path, frames))
            begin = frames[-1][0] + DAY
        out = self.directory / "out.pcap"
        process = self.run(
            "replay",
            *(path for _, path, _ in captures),
            "--policy",
            self.policy_file,
            "--json",
            "--write",
            out,
            *arguments,
        )
        result = Result(self, process, captures, capture.read(out) if out.exists() else [])
        self._undone.append(result)
        return result

    def finish(self):
        for result in self._undone:
            result.finish()

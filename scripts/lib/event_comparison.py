"""Compares the output of two builds for the same replay, byte for byte. scripts/compare-events calls this."""

import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "verify"))

from harness import capture  # noqa: E402  pylint: disable=wrong-import-position

TOLD = 3  # differing lines that are shown of one output
AROUND = 90  # bytes of a line that are shown on each side of the first differing one

Run = collections.namedtuple("Run", "status out err frames")


class Renames:
    """Documented renames: lines of `old<TAB>new`, each a whole JSON key or value, or a whole word of the text form."""

    def __init__(self, path=None):
        self.path, self.new = path, {}
        lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines() if path else []
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.startswith("#"):
                continue
            old, tab, new = line.partition("\t")
            if not old or not tab or not new or "\t" in new:
                raise ValueError(f"{path}:{number}: a line is old, one tab, new")
            self.new[old.encode()] = new.encode()
        words = b"|".join(re.escape(old) for old in sorted(self.new, key=len, reverse=True))
        self._quoted = re.compile(b'"(' + words + b')"')
        self._word = re.compile(rb"(?<![\w-])(" + words + rb")(?![\w-])")

    def json(self, data):
        return self._quoted.sub(lambda found: b'"' + self.new[found[1]] + b'"', data) if self.new else data

    def text(self, data):
        return self._word.sub(lambda found: self.new[found[1]], data) if self.new else data


def replay(program, arguments, frames, cwd):
    """One run of `minerwall replay`. `frames`: the file that its --write names, or None."""
    command = [str(part) for part in (program, "replay", *arguments)]
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, cwd=cwd, check=False)
    left = frames.read_bytes() if frames and frames.exists() else None
    return Run(done.returncode, done.stdout, done.stderr, left)


def cut(line, at):
    begin, end = max(0, at - AROUND), at + AROUND
    text = line[begin:end].decode(errors="replace")
    return f"{'...' if begin else ''}{text}{'...' if end < len(line) else ''}"


def differing_lines(what, old, new):
    """The first lines in which two outputs differ, as text; empty if they are the same bytes."""
    if old == new:
        return []
    olds, news = old.split(b"\n"), new.split(b"\n")
    told = []
    for number in range(max(len(olds), len(news))):
        a = olds[number] if number < len(olds) else None
        b = news[number] if number < len(news) else None
        if a == b:
            continue
        at = len(os.path.commonprefix([a or b"", b or b""]))
        told.append(f"{what}, line {number + 1}, byte {at + 1}:")
        told += [f"  {sign} {'(no line)' if line is None else cut(line, at)}" for sign, line in (("-", a), ("+", b))]
        if len(told) >= 3 * TOLD:
            break
    return told


def differing_frames(old, new, scratch):
    if old == new:
        return []
    if old is None or new is None:
        return [f"frames that left: only the {'new' if old is None else 'old'} build wrote them"]
    read = []
    for name, data in (("old", old), ("new", new)):
        path = pathlib.Path(scratch, f"{name}.{os.getpid()}.{time.monotonic_ns()}.pcap")
        path.write_bytes(data)
        read.append(capture.read(path))
        path.unlink()
    olds, news = read
    same = next((i for i, (a, b) in enumerate(zip(olds, news)) if a != b), min(len(olds), len(news)))
    return [f"frames that left: {len(olds)} and {len(news)}; the first {same} are the same"]


def in_order(data):
    return b"\n".join(sorted(data.split(b"\n")))


def compare(old, new, renames, json_form, scratch, any_order=False):
    """Compares two runs with the same arguments. Returns lines that show the differences, or none."""
    told = []
    if old.status != new.status:
        told.append(f"exit status {old.status} became {new.status}")
    form = renames.json if json_form else renames.text
    outs = [form(old.out), new.out]
    told += differing_lines("events" if json_form else "text", *(map(in_order, outs) if any_order else outs))
    told += differing_lines("standard error", renames.text(old.err), new.err)
    return told + differing_frames(old.frames, new.frames, scratch)


def stand_in(old, new, renames_file, any_order, log, arguments):
    """Acts as minerwall for tests/verify: both builds run a replay, and the caller gets the new one's output.

    The result of the comparison goes into a file of its own in the directory `log`. Returns the exit status.
    """
    if arguments[:1] != ["replay"]:
        os.execv(new, [new, *arguments])
    arguments, renames, here = arguments[1:], Renames(renames_file), os.getcwd()
    wrote = next((i + 1 for i, word in enumerate(arguments) if word in ("-w", "--write")), None)
    frames = pathlib.Path(arguments[wrote]) if wrote else None
    json_form = "--json" in arguments
    before = replay(old, arguments, frames, here)
    if before.frames is not None:
        frames.unlink()
    after = replay(new, arguments, frames, here)
    results = [compare(before, after, renames, json_form, log, any_order)]
    if json_form:
        plain = [word for i, word in enumerate(arguments) if word != "--json" and i not in (wrote, wrote and wrote - 1)]
        runs = (replay(program, plain, None, here) for program in (old, new))
        results.append(compare(*runs, renames, False, log, any_order))
    name = f"{os.getpid()}.{time.monotonic_ns()}.json"
    pathlib.Path(log, name).write_text(json.dumps({"arguments": arguments, "results": results}), encoding="utf-8")
    sys.stderr.buffer.write(after.err)
    sys.stdout.buffer.write(after.out)
    return after.status

"""Captures of a case's frames, and their replay."""

from . import capture
from .result import Result

START = 1_760_000_000 * 10**9
# Every capture is replayed twice: with packets that come one by one, and with packets so close that one burst of the
# path holds many of a flow. The second is a day later, so that the two can be told apart in the output.
STEPS = {"slow": 10 * 10**6, "burst": 10**3}
DAY = 86400 * 10**9


def written(test, begin):
    """The captures of a case, and when the next ones may begin."""
    captures = []
    for variant, step in STEPS.items():
        frames = test.timed(step, begin)
        path = test.write(f"{variant}.pcap", capture.pcap(frames))
        captures.append((variant, path, frames))
        begin = frames[-1][0] + DAY
    return captures, begin


def run(test, captures, arguments=()):
    """One run of the program: the process and the frames that left."""
    out = test.directory / "out.pcap"
    paths = (path for _, path, _ in captures)
    process = test.run("replay", *paths, "--policy", test.policy_file, "--json", "--write", out, *arguments)
    return process, capture.read(out) if out.exists() else []


def alone(test, arguments=()):
    """The result of a run that no other case shares."""
    captures, _ = written(test, START)
    process, left = run(test, captures, arguments)
    return Result(test, process, captures, left)

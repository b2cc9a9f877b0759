"""The comparison capture: gen.cpp makes it, score.py judges a replay of it.

This module looks for both in $MINERWALL_BENCH or in ../shared/bench beside the repository.
"""

import os
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
FULL_BYTES, QUICK_BYTES = 1_050_000_000, 100_000_000
SPAN_SECONDS, FLOW_SECONDS = 60, 110


class NoRoom(Exception):
    pass


def tools():
    """The folder of gen.cpp and score.py, or None."""
    home = pathlib.Path(os.environ.get("MINERWALL_BENCH") or ROOT.parent / "shared" / "bench")
    return home if (home / "gen.cpp").is_file() and (home / "score.py").is_file() else None


def make(home, scratch, size, seed):
    """Makes a capture of about `size` bytes below `scratch`. Returns it and its truth; raises NoRoom or CalledProcessError."""
    generator, capture, truth = scratch / "gen", scratch / "mixed.pcap", scratch / "mixed.csv"
    room = shutil.disk_usage(scratch).free
    if room < size * 1.2:
        raise NoRoom(f"{scratch} has {room >> 20} MiB free, the capture needs {int(size * 1.2) >> 20}: set TMPDIR")
    compiler = os.environ.get("CXX", "g++").split()
    subprocess.run([*compiler, "-std=c++17", "-O2", "-o", generator, home / "gen.cpp"], check=True)
    command = [generator, capture, truth, size, seed, SPAN_SECONDS, FLOW_SECONDS]
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)
    return capture, truth

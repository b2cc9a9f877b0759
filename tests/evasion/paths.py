"""Import paths of the other suites' code: the lab, the messages of verify, the raw ports of wire."""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# tests/verify before tests/wire: both have something named harness, and the messages are in that of verify.
for _folder in ("scripts/lib", "tests/verify", "tests/wire"):
    if str(ROOT / _folder) not in sys.path:
        sys.path.append(str(ROOT / _folder))

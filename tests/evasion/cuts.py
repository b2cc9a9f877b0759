"""Every cut of a first message, each once: a blocked pool must never receive one complete request."""

import paths  # noqa: F401  pylint: disable=unused-import
import trial
from carriers import CARRIERS
from cells import Cell
from technique import TECHNIQUES, sending

CUT = (
    "stratum",
    "authorize",
    "hello",
    "cryptonote",
    "beam",
    "ethproxy",
    "getwork",
    "template-chunked",
    "eth-getwork",
    "monero-daemon",
    "websocket",
    "stratum2-plain",
    "stratum2",
    "p2pool",
)


def _technique(position):
    """Two segments, cut at this byte. A negative byte: the second segment goes first."""
    name = f"cut-{position}"
    if name in TECHNIQUES:
        return name

    @sending(name, f"two segments, cut at {abs(position)}")
    async def send(peer, talk):
        message, cut = talk.message, abs(position)
        parts = [(0, message[:cut]), (cut, message[cut:])]
        for at, data in parts if position > 0 else parts[::-1]:
            await peer.at(at, data)

    return name


def cells():
    """A cell for each position of each first message, in order and with the second segment first."""
    found = []
    for carrier in CUT:
        for position in range(1, len(CARRIERS[carrier].message)):
            for signed in (position, -position):
                found.append(Cell("plain", "none", _technique(signed), carrier))
    return found


def run(program, workers=1):
    """Prints one line for each dialect and order. Returns (passed, failed), counted by cut."""
    todo = cells()
    results, faults = trial.trial(program, todo, lambda cell: None, workers)
    passed = failed = 0
    for carrier in CUT:
        for order, backward in (("in order", False), ("second segment first", True)):
            mine = [
                one
                for one in results
                if one.cell.carrier == carrier and one.cell.technique.startswith("cut--") == backward
            ]
            bad = [one for one in mine if one.verdict != trial.BLOCKED]
            passed, failed = passed + len(mine) - len(bad), failed + len(bad)
            verdicts = ", ".join(f"{one.cell.technique} {one.verdict} {one.reason}" for one in bad[:10])
            good = f"{len(mine) - len(bad)} of {len(mine)} blocked"
            print(f"{'FAIL ' if bad else 'ok   '} cuts of {carrier}, {order}: {good} {verdicts}")
    for fault in faults:
        print(f"FAIL  daemon: {fault}")
    return passed, failed + len(faults)

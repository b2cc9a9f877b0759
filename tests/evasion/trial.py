"""A trial: cells played on a field, with or without the appliance, and the appliance's events for each.

The control comes first: the same packets over a cable. A cell that the Linux receiver itself refuses proves nothing and
is reported separately. Then the same packets pass minerwalld.
"""

import asyncio
import collections
import dataclasses
import ipaddress

import paths
from field import Field
from lab import policies
from lab.daemon import Daemon
from play import Outcome, play_all
from stage import Stage

CHUNK = 600  # cells for one daemon: its tables in the lab are small, and each daemon has a ledger

BLOCKED, NORMALISED, REFUSED, ALLOWED, EVADED, BROKEN = (
    "blocked",
    "normalised",
    "refused",
    "allowed",
    "evaded",
    "broken",
)
# A lab of this size has no reason to lose packets; a cell that lost some proves nothing.
LOSSES = (
    "tx_full",
    "tx_error",
    "handover_full",
    "rx_truncated",
    "flow_table_full",
    "stream_memory_full",
    "fragment_memory_full",
    "work_share",
)
STOPPING = ("reset", "drop", "sinkhole")


@dataclasses.dataclass
class Result:
    cell: object
    control: Outcome
    outcome: Outcome
    verdict: str
    reason: str = ""


async def _on(field, cells, tape=None, **around):
    stage = Stage(field, tape)
    try:
        return await play_all(stage, cells, **around)
    finally:
        stage.close()


def control(cells, **around):
    """Outcomes without an appliance."""
    with Field(cable=True) as field:
        return asyncio.run(_on(field, cells, **around))


@dataclasses.dataclass
class Life:
    """How one daemon ended: its faults, or none."""

    faults: list
    stopped: set  # addresses of clients that had a packet stopped
    dropped: dict  # packets by reason


def _end(daemon):
    faults = []
    code = daemon.stop()
    if code != 0:
        faults.append(f"exit code {code}: {daemon.process.stderr()[-1500:]}")
    if "ledger: balanced" not in daemon.process.stdout():
        faults.append(f"no balanced ledger: {daemon.process.stdout()[-1500:]}")
    ledger = daemon.ledger()
    if ledger is None:
        faults.append("no stats event")
    else:
        left = ledger["received"] + ledger["crafted"] - ledger["sent"] - sum(ledger["dropped"].values())
        if left:
            faults.append(f"{left} packets unaccounted for")
        lost = {name: count for name, count in ledger["dropped"].items() if count and name in LOSSES}
        if lost:
            faults.append(f"packets lost for want of room: {lost}")
    stopped = set()
    for event in daemon.events():
        if event.get("verdict", {}).get("action") in STOPPING:
            stopped |= {_packed(event.get("src_ip")), _packed(event.get("dest_ip"))}
    return Life(faults, stopped, ledger["dropped"] if ledger else {})


def _packed(text):
    return ipaddress.ip_address(text).packed if text else b""


def behind_appliance(program, cells, workers=1, tape=None, **around):
    """Outcomes with the appliance, and its lives: (outcomes, [Life of each chunk])."""
    outcomes, lives = [], []
    with Field() as field:
        for number, begin in enumerate(range(0, len(cells), CHUNK)):
            daemon = Daemon(field, policies.starter(), name=f"life{number}", workers=workers, program=program)
            outcomes += asyncio.run(
                _on(field, cells[begin : begin + CHUNK], tape, alive=daemon.process.running, **around)
            )
            lives.append(_end(daemon))
    return outcomes, lives


def judge(cell, free, outcome, life, documented):
    """The meaning of a cell's two outcomes."""
    if free.lost or outcome.lost:
        return Result(cell, free, outcome, BROKEN, free.note or outcome.note)
    if outcome.delivered:
        reason = documented(cell)
        return Result(cell, free, outcome, ALLOWED if reason else EVADED, reason or outcome.note)
    if not free.delivered:
        return Result(cell, free, outcome, REFUSED, free.note)
    if outcome.client in life.stopped:
        return Result(cell, free, outcome, BLOCKED)
    return Result(cell, free, outcome, NORMALISED, outcome.note)


def trial(program, cells, documented, workers=1, tape=None, **around):
    """Results of the cells, and the faults of the daemons."""
    cells = list(cells)
    free = control(cells, **around)
    outcomes, lives = behind_appliance(program, cells, workers, tape, **around)
    dropped = sum((collections.Counter(life.dropped) for life in lives), collections.Counter())
    print(f"dropped by {len(lives)} daemons: {', '.join(f'{count} {name}' for name, count in dropped.items())}")
    results = [
        judge(cell, free[place], outcomes[place], lives[place // CHUNK], documented) for place, cell in enumerate(cells)
    ]
    return results, [fault for life in lives for fault in life.faults]


DEFAULT_DAEMON = paths.ROOT / "build/minerwalld"

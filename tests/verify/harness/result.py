"""The result of a replay, and the expectations of a case.

A case names what is special; every case expects the rest: each frame that is not expected to be dropped leaves
bit-identical and in order, no other frame leaves, the ledger agrees with our own count of the frames, every line is
valid by the schema, each flow has one flow line, and no alert comes unexpected.
"""

import bisect
import collections
import importlib.machinery
import importlib.util
import json
import pathlib

from . import expect

_CHECKER = pathlib.Path(__file__).resolve().parents[3] / "scripts" / "check-eve"


def _load_checker():
    loader = importlib.machinery.SourceFileLoader("check_eve", str(_CHECKER))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_eve", loader))
    loader.exec_module(module)
    return module


_MODULE = _load_checker()
_VALID = _MODULE.compiled(json.loads(_MODULE.SCHEMA.read_text(encoding="utf-8")))


def events_of(text):
    """The event lines of a program's output, each checked against the schema."""
    events = []
    for number, line in enumerate(text.decode().splitlines(), 1):
        event = json.loads(line, object_pairs_hook=_MODULE.no_duplicates)
        reason = _VALID(event)
        if reason:
            raise AssertionError(f"line {number} is not valid: {reason}\n{line}")
        events.append(event)
    return events


class Outcome:
    """One capture of the run: its events and the frames that left."""

    def __init__(self, variant, frames, events, out):
        self.variant = variant
        self.frames = frames
        self.events = events
        self.flows = [event for event in events if event["event_type"] == "flow"]
        self.alerts = [event for event in events if event["event_type"] == "alert"]
        self.sinkholes = [event for event in events if event["event_type"] == "dns"]
        self.learned = [event for event in events if event["event_type"] == "learned"]
        self.forwarded, self.crafted = self._match(out)
        self.held_back = set()  # indexes of frames that an expectation has said must not leave
        self.reasons = {}  # why, if it is not a verdict: index of the frame, and the ledger's word
        self.claimed = set()  # indexes of crafted frames that an expectation accounts for
        self.told = set()  # ids of alert and dns events that an expectation accounts for

    def _match(self, out):
        """The input frames that left, in their order; a frame that is not the next input frame was crafted."""
        places = {}
        for frame in self.frames:
            places.setdefault(frame.data, []).append(frame.index)
        forwarded, crafted, reached = set(), [], 0
        for _, data in out:
            indexes = places.get(data, [])
            at = bisect.bisect_left(indexes, reached)
            if at < len(indexes):
                forwarded.add(indexes[at])
                reached = indexes[at] + 1
            else:
                crafted.append(data)
        return forwarded, crafted

    def check(self, ok, text):
        if not ok:
            raise AssertionError(f"[{self.variant}] {text}")

    def check_frames(self):
        for frame in self.frames:
            left, held = frame.index in self.forwarded, frame.index in self.held_back
            if left == held:
                said = "must not leave, but left" if held else "must leave, but did not (or not in order, or changed)"
                self.check(False, f"frame {frame.index} {said}: {frame.data[:64].hex()}")
        for index, data in enumerate(self.crafted):
            self.check(index in self.claimed, f"a frame left that was neither sent nor expected: {data.hex()}")

    def finish(self):
        self.check_frames()
        for event in self.alerts + self.sinkholes:
            self.check(id(event) in self.told, f"unexpected event: {json.dumps(event)}")


class Result:
    """The result of one replay of a case. `events`: its part of a shared run, see batch.py."""

    def __init__(self, test, process, captures, out, events=None):
        self.test = test
        self.process = process
        complaints = [
            line for line in process.stderr.decode(errors="replace").splitlines() if ": warning: " not in line
        ]
        if process.returncode != 0 or complaints:
            raise AssertionError(f"exit status {process.returncode}: {complaints[:10]}")
        self.stats = None  # of a run of its own
        if events is None:
            events = events_of(process.stdout)
            if [event["event_type"] for event in events].count("stats") != 1 or events[-1]["event_type"] != "stats":
                raise AssertionError("not exactly one stats line at the end")
            self.stats = events.pop()["stats"]
        starts = [frames[0][0] for _, _, frames in captures]
        borders = [frames[-1][0] + 3600 * 10**9 for _, _, frames in captures]
        self.outcomes = []
        for number, (variant, path, _) in enumerate(captures):
            begin = borders[number - 1] if number else starts[0] - 3600 * 10**9
            left = [(time, data) for time, data in out if begin <= time < borders[number]]
            mine = [event for event in events if event["pcap_filename"] == str(path)]
            self.outcomes.append(Outcome(variant, test.frames, mine, left))
        self.left = len(out)
        if sum(len(outcome.events) for outcome in self.outcomes) != len(events):
            raise AssertionError("an event names a capture that was not given")

    def finish(self):
        for outcome in self.outcomes:
            outcome.finish()
        if self.stats:
            self.check_ledger(self.stats, [self])

    def finish_observing(self):
        """Every frame left, and no other; the program counted no drop. What the events say is another question."""
        for outcome in self.outcomes:
            outcome.check_frames()
        if self.stats:
            self.check_ledger(self.stats, [self])

    @staticmethod
    def check_ledger(stats, results):
        """The program's ledger against our own count of the frames in the files."""
        ledger = stats["ledger"]
        outcomes = [outcome for result in results for outcome in result.outcomes]
        held = sum(len(outcome.held_back) for outcome in outcomes)
        expected = {
            "received": sum(len(outcome.frames) for outcome in outcomes),
            "crafted": sum(len(outcome.crafted) for outcome in outcomes),
            "sent": sum(result.left for result in results),
            "in_flight": 0,
            "balanced": True,
        }
        seen = {key: ledger[key] for key in expected}
        dropped = sum(ledger["dropped"].values())
        if seen != expected or dropped != held:
            raise AssertionError(f"ledger: {seen}, dropped {dropped}; counted: {expected}, dropped {held}")
        losses = {k: n for k, n in ledger["dropped"].items() if n and not k.startswith("policy_")}
        said = dict(collections.Counter(reason for outcome in outcomes for reason in outcome.reasons.values()))
        if losses != said:
            raise AssertionError(f"packets were lost: {losses}, expected {said}")
        for row in ledger["ports"]:
            total = row["sent"] + row["handed_out"] + sum(row["dropped"].values())
            if row["received"] + row["handed_in"] + row["crafted"] != total or row["in_flight"] != 0:
                raise AssertionError(f"ledger: port {row['port']} does not balance: {row}")

    # Expectations; see expect.py for each.

    def blocked(self, conversation, **expected):
        for outcome in self.outcomes:
            expect.blocked(outcome, conversation, **expected)

    def blocked_late(self, conversation, **expected):
        for outcome in self.outcomes:
            expect.blocked_late(outcome, conversation, **expected)

    def passed(self, conversation, **expected):
        for outcome in self.outcomes:
            expect.passed(outcome, conversation, **expected)

    def sinkholed(self, conversation, *frames, **expected):
        for outcome in self.outcomes:
            expect.sinkholed(outcome, conversation, frames, **expected)

    def swallowed(self, conversation, *frames, **expected):
        for outcome in self.outcomes:
            expect.swallowed(outcome, conversation, frames, **expected)

    def dropped(self, *frames, reason=None):
        """These frames do not leave, and nothing is sent for them. `reason`: the ledger's, if it is not a verdict."""
        for outcome in self.outcomes:
            outcome.held_back.update(frame.index for frame in frames)
            if reason:
                outcome.reasons.update((frame.index, reason) for frame in frames)

    def learned(self, conversation, *expected):
        """What this conversation taught: the members of each event, in their order. None: nothing."""
        for outcome in self.outcomes:
            expect.learned(outcome, conversation, expected)

    def flow_count(self, count):
        for outcome in self.outcomes:
            outcome.check(len(outcome.flows) == count, f"{len(outcome.flows)} flow lines, expected {count}")

    def each(self, check):
        """Calls a check of the case's own for every outcome."""
        for outcome in self.outcomes:
            check(outcome)

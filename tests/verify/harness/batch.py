"""Replays of several cases in one run of the program, because its start costs far more than the packets of a case.

Each case of a batch is a thread of its own. When it asks for a replay, it waits until every other case of the batch
asks or has ended. Then one run for each policy replays the captures of all, a few days apart, and each case gets its
part. The program's ledger counts all captures together: it must agree with the sum of what the cases expect. If it does
not, or if the program complains, each case is replayed again by itself.
"""

import collections
import threading
import types

from .replay import START, alone, run, written
from .result import Result, events_of


class Request:
    def __init__(self, test):
        self.test = test
        self.done = threading.Event()
        self.result = None
        self.error = None


class Batch:
    def __init__(self):
        self._change = threading.Condition()
        self._busy = 0  # cases that neither wait nor have ended
        self._waiting = []
        self._together = []  # the results of each run that several cases shared

    def replay(self, test):
        """Called by a case, in its thread."""
        request = Request(test)
        with self._change:
            self._waiting.append(request)
            self._busy -= 1
            self._change.notify_all()
        request.done.wait()
        if request.error:
            raise request.error
        return request.result

    def run(self, cases):
        """Runs these functions as far as they go. Returns when all have ended."""
        self._busy = len(cases)
        threads = [threading.Thread(target=self._one, args=(function,)) for function in cases]
        for thread in threads:
            thread.start()
        while True:
            with self._change:
                self._change.wait_for(lambda: self._busy == 0)
                requests, self._waiting = self._waiting, []
            if not requests:
                break
            for group in self._groups(requests):
                self._serve(group)
            with self._change:
                self._busy += len(requests)
            for request in requests:
                request.done.set()
        for thread in threads:
            thread.join()

    def _one(self, function):
        function()
        with self._change:
            self._busy -= 1
            self._change.notify_all()

    @staticmethod
    def _groups(requests):
        groups = collections.defaultdict(list)
        for request in requests:
            groups[request.test.policy_key].append(request)
        return groups.values()

    def _serve(self, group):
        if len(group) == 1 or not self._serve_together(group):
            for request in group:
                try:
                    request.result = alone(request.test)
                except Exception as error:  # pylint: disable=broad-except  # the case's own thread reports it
                    request.error = error

    def _serve_together(self, group):
        """False: one of them disturbs the others, and each must be replayed by itself."""
        begin, parts = START, []
        for request in group:
            first = begin
            captures, begin = written(request.test, begin)
            parts.append((request, captures, first, begin))
        process, left = run(group[0].test, [each for _, captures, _, _ in parts for each in captures])
        if process.returncode != 0:
            return False
        try:
            events = events_of(process.stdout)
        except (AssertionError, ValueError):
            return False
        if not events or events[-1]["event_type"] != "stats":
            return False
        stats = events.pop()["stats"]
        results = []
        for request, captures, first, end in parts:
            paths = {str(path) for _, path, _ in captures}
            lines = [line for line in process.stdout.splitlines() if any(path.encode() in line for path in paths)]
            mine = [event for event in events if event.get("pcap_filename") in paths]
            own = types.SimpleNamespace(returncode=0, stdout=b"\n".join(lines), stderr=process.stderr)
            frames = [(time, data) for time, data in left if first <= time < end]
            try:
                request.result = Result(request.test, own, captures, frames, mine)
            except AssertionError:
                return False
            results.append(request.result)
        self._together.append((stats, results))
        return True

    def suspects(self):
        """The cases of the runs whose ledger does not agree with what the cases expect."""
        for stats, results in self._together:
            try:
                Result.check_ledger(stats, results)
            except AssertionError:
                yield from (result.test for result in results)

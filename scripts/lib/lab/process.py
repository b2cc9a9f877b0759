"""Processes that live as long as the lab, each known by its pid and writing to a file of its own."""

import ctypes
import os
import re
import signal
import subprocess
import time

PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


class NotReady(RuntimeError):
    """A process ended, or did not become ready in time; the message ends with its last output."""


def _die_with_parent():
    # If this program is killed before it can clean up, the kernel must end its servers.
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """A background process; stdout and stderr go to files in the lab's directory, or to these descriptors.

    environment: variables besides those of this program.
    """

    def __init__(self, name, argv, directory, environment=None, stdout=None, stderr=None):
        self.name = name
        self.stdout_path = directory / f"{name}.out"
        self.stderr_path = directory / f"{name}.err"
        with open(self.stdout_path, "wb") as out, open(self.stderr_path, "wb") as err:
            # A session of its own: Ctrl-C reaches only this program, which then ends the others in order.
            # pylint: disable-next=subprocess-popen-preexec-fn  # no thread of ours runs at this time
            self.child = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=out if stdout is None else stdout,
                stderr=err if stderr is None else stderr,
                env={**os.environ, **(environment or {})},
                preexec_fn=_die_with_parent,
                start_new_session=True,
            )

    @property
    def pid(self):
        return self.child.pid

    def running(self):
        return self.child.poll() is None

    def stdout(self):
        return self.stdout_path.read_text("utf-8", "replace")

    def stderr(self):
        return self.stderr_path.read_text("utf-8", "replace")

    def wait_for(self, pattern, timeout=10.0):
        """Returns once either output has a line that fits."""
        deadline = time.monotonic() + timeout
        while True:
            alive = self.running()  # asked first, so that its last output is seen below
            if re.search(pattern, self.stdout() + self.stderr(), re.MULTILINE):
                return
            if not alive or time.monotonic() > deadline:
                break
            time.sleep(0.02)
        state = "is silent" if alive else f"ended with {self.child.returncode}"
        raise NotReady(f"{self.name} {state}:\n{(self.stderr() or self.stdout())[-2000:]}")

    def stop(self, number=signal.SIGTERM, timeout=8.0):
        """Ends the process and returns its exit code; uses SIGKILL after the timeout."""
        if self.running():
            self.child.send_signal(number)
        try:
            return self.child.wait(timeout)
        except subprocess.TimeoutExpired:
            self.child.kill()
            return self.child.wait()


def eventually(condition, timeout=5.0, pause=0.05):
    """Polls until the condition holds or the time is over; returns whether it held."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True

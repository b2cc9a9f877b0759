// The signals that the daemon takes in its loop, and from when on they wait for it.
//
// A waiting signal is pending in the kernel: it neither ends the process nor is it lost.
#pragma once

namespace minerwall::daemon {

// From now on HUP and USR1 wait. Call it first in main(), before any thread: threads inherit the
// mask. TERM and INT still end the process, because so far it has touched nothing.
void hold_requests() noexcept;

// From now on TERM and INT wait, too. Call it before anything that an end has to undo. Returns a
// non-blocking signalfd for all four, or -1 with errno.
int take_over_signals() noexcept;

}  // namespace minerwall::daemon

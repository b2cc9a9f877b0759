// The system's clock.
#pragma once

#include "base/time.hpp"

namespace minerwall::daemon {

// Nanoseconds since the epoch. Any thread.
Nanos wall_now();

}  // namespace minerwall::daemon

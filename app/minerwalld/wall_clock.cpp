#include "minerwalld/wall_clock.hpp"

#include <ctime>

namespace minerwall::daemon {

Nanos wall_now() {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return static_cast<Nanos>(now.tv_sec) * kNanosPerSecond + static_cast<Nanos>(now.tv_nsec);
}

}  // namespace minerwall::daemon

// The one place that counts a drop. Each packet that is dropped has a named reason.
#pragma once

#include "base/counters.hpp"
#include "base/reason.hpp"

namespace minerwall::path {

// port: where the packets came in. The owner worker only.
inline void count_drop(WorkerCounters& counters, std::uint16_t port, Reason reason,
                       std::uint64_t packets = 1) noexcept {
    counters.port[port].dropped_packets[static_cast<unsigned>(reason)].add(packets);
}

}  // namespace minerwall::path

// What a `stats` event says: the workers' counters, and what belongs to them.
//
// Plain data; control plane. Its views must live during the call that takes it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "event/ledger.hpp"

namespace minerwall::output {

// What a device lost before a worker received it: not in the ledger. Packets since the start.
struct DeviceLosses {
    std::uint64_t missed = 0;     // no descriptor, or no room in the socket
    std::uint64_t errors = 0;     // broken on the wire
    std::uint64_t no_buffer = 0;  // no buffer of ours was free
};

struct Stats {
    event::WorkerSpan workers;
    std::span<const std::string> port_names;  // by port
    std::span<const DeviceLosses> devices;    // by port; empty: there are none (replay)
    Nanos time = 0;                           // of the event
    std::uint64_t uptime = 0;                 // seconds
    std::uint32_t policy_version = 0;
    std::string_view captures;  // replay: the captures that were judged; else empty
    std::uint64_t lost = 0;     // by all consumers; `workers` have what the rings lost
};

}  // namespace minerwall::output

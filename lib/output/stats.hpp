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

struct Stats {
    event::WorkerSpan workers;
    std::span<const std::string> port_names;  // by port
    Nanos time = 0;                           // of the event
    std::uint64_t uptime = 0;                 // seconds
    std::uint32_t policy_version = 0;
    std::string_view captures;  // replay: the captures that were judged; else empty
    std::uint64_t lost = 0;     // by all consumers; `workers` have what the rings lost
};

}  // namespace minerwall::output

// The `stats` line: sums of the workers' counters and the conservation ledger.
//
// Control plane: any thread, allocates.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "event/ledger.hpp"

namespace minerwall::output {

// The content of a `stats` event besides the counters.
struct StatsInput {
    Nanos time = 0;            // of the event
    std::uint64_t uptime = 0;  // seconds
    std::uint32_t policy_version = 0;
    std::string_view captures;  // replay: the captures that were judged; else empty
};

// One `stats` line with its '\n'. `lines_lost`: by the log; the counters have what the rings lost.
std::string stats_line(event::WorkerSpan workers, std::span<const std::string> port_names,
                       const StatsInput& input, std::uint64_t lines_lost);

}  // namespace minerwall::output

// What a worker may say for what others send: resets and events. So an attack is not multiplied,
// and does not hide what happens beside it.
//
// The worker's thread.
#pragma once

#include <array>
#include <cstdint>

#include "flow/rate.hpp"

namespace minerwall::path {

// docs/adr/0017-fairness.md and docs/operations.md name these numbers.
struct Limits {
    flow::SourceRates resets{{.per_second = 32, .burst = 64}, {.per_second = 1024, .burst = 1024}};
    flow::SourceRates alerts{{.per_second = 16, .burst = 128}, {.per_second = 1024, .burst = 4096}};
    // Of flows that nobody answered and no rule matched.
    flow::SourceRates flow_ends{{.per_second = 16, .burst = 128},
                                {.per_second = 1024, .burst = 4096}};
    // Alerts of a source that were not written since the last one that was.
    std::array<std::uint32_t, flow::kSources> suppressed{};
};

}  // namespace minerwall::path

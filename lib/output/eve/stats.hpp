// The `stats` line: sums of the workers' counters and the conservation ledger.
//
// Control plane: any thread, allocates.
#pragma once

#include <string>

#include "output/stats.hpp"

namespace minerwall::output {

// One `stats` line with its '\n'.
std::string stats_line(const Stats& stats);

}  // namespace minerwall::output

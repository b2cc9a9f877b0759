// A search for the payload that costs most: random changes, of which the costlier ones are kept.
#pragma once

#include "bench/traffic.hpp"
#include "bench/worst/kinds.hpp"

namespace minerwall::bench {

struct Worst {
    double cycles = 0;
    unsigned dropped = 0;  // of each hundred
    std::string payload;
};

// The costliest seed, and the costliest payload after `steps` changes.
struct Found {
    Worst seed, best;
};
Found search(Stage& stage, const Kind& kind, unsigned steps, Random& random);

}  // namespace minerwall::bench

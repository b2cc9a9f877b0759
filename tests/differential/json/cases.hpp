// The texts to compare: mining messages of all dialects with each way of writing that some receiver
// takes, alone, in pairs, and changed at random (seeded).
#pragma once

#include <string>
#include <vector>

#include "proto/stratum/stratum.hpp"

namespace minerwall::differential {

struct Case {
    std::string label;
    std::string text;
    proto::Carrier carrier;
};

// `random`: the number of texts changed at random.
std::vector<Case> cases(std::uint32_t seed, std::size_t random);

}  // namespace minerwall::differential

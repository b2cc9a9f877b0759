// What every set of this module answers for "not in it".
#pragma once

#include <cstdint>

namespace minerwall::match {

inline constexpr std::uint32_t kNoEntry = 0xffffffff;

// Two entries that say the same: `later` adds nothing to what `first` matches.
struct Duplicate {
    std::uint32_t first;
    std::uint32_t later;
};

}  // namespace minerwall::match

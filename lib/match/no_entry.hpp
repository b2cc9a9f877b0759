// What every set of this module returns for "not in it".
#pragma once

#include <cstdint>

namespace minerwall::match {

inline constexpr std::uint32_t kNoEntry = 0xffffffff;

// Two equivalent entries: `later` adds nothing to what `first` matches.
struct Duplicate {
    std::uint32_t first;
    std::uint32_t later;
};

}  // namespace minerwall::match

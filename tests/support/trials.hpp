// How many random trials a property test makes. A sanitizer costs ten times, and looks for other
// faults than the million: it gets a tenth.
#pragma once

#include <cstdint>

namespace minerwall::test {

constexpr std::uint32_t trials(std::uint32_t n) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return n / 10;
#else
    return n;
#endif
}

}  // namespace minerwall::test

// The number of random trials of a property test. Under a sanitizer a tenth of them, because it
// costs ten times as much and looks for other faults.
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

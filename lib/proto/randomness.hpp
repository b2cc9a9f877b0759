// Whether a short run of bytes can be random (keys, ciphertext): balanced bits, many values, few
// letters. Text, structure and padding fail at least one of the three tests; random bytes fail with
// a probability below 1e-5. Segmentation cannot change the result. Any thread.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "base/bytes.hpp"

namespace minerwall::proto {

// The limits for one length, set where the tails of the exact distributions are about 1e-6.
struct RandomnessLimits {
    std::uint16_t size;             // bytes
    std::uint16_t bit_imbalance;    // at most this far from half of the bits set
    std::uint16_t distinct_values;  // minimum
    std::uint16_t printable;        // ASCII, maximum
};

class Randomness {
  public:
    void reset() noexcept { *this = {}; }

    void feed(Bytes bytes) noexcept {
        for (const std::uint8_t c : bytes) {
            bits_ = static_cast<std::uint16_t>(bits_ + std::popcount(c));
            printable_ = static_cast<std::uint16_t>(printable_ + (c >= ' ' && c < 0x7f ? 1 : 0));
            std::uint64_t& word = seen_[c / 64];
            const std::uint64_t bit = std::uint64_t{1} << (c % 64);
            distinct_ = static_cast<std::uint16_t>(distinct_ + ((word & bit) == 0 ? 1 : 0));
            word |= bit;
        }
    }

    // Tests the limits.size bytes that were fed.
    bool within(const RandomnessLimits& limits) const noexcept {
        const int half = limits.size * 4;
        const int imbalance = bits_ < half ? half - bits_ : bits_ - half;
        return imbalance <= limits.bit_imbalance && distinct_ >= limits.distinct_values &&
               printable_ <= limits.printable;
    }

  private:
    std::array<std::uint64_t, 4> seen_{};
    std::uint16_t bits_ = 0;
    std::uint16_t printable_ = 0;
    std::uint16_t distinct_ = 0;
};

}  // namespace minerwall::proto

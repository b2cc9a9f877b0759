// Dialogues of two ends, for tests of detectors that look at sizes and turns.
#pragma once

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "proto/peers/handshake.hpp"

namespace minerwall::test {

inline std::string random_bytes(std::mt19937& random, std::size_t n) {
    std::string s;
    for (std::size_t i = 0; i < n; ++i) {
        s += static_cast<char>(random());
    }
    return s;
}

struct Turn {
    proto::Role role;
    std::string bytes;
};
using Dialogue = std::vector<Turn>;

// The verdict after each turn, fed in pieces of this size: . undecided, l likely, y yes, - no.
template <typename Detector>
std::string verdicts(const Dialogue& dialogue, std::size_t piece) {
    Detector detector;
    std::string log;
    for (const Turn& turn : dialogue) {
        for (std::size_t at = 0; at < turn.bytes.size(); at += piece) {
            detector.feed(turn.role, as_bytes(std::string_view{turn.bytes}.substr(at, piece)));
        }
        log += ".ly-"[static_cast<unsigned>(detector.result())];
    }
    return log;
}

// The same; also asserts that segmentation changes nothing.
template <typename Detector>
std::string verdicts(const Dialogue& dialogue) {
    const std::string whole = verdicts<Detector>(dialogue, 1 << 20);
    for (const std::size_t piece : {1u, 2u, 3u, 16u, 17u, 43u, 44u, 63u, 64u, 65u, 233u}) {
        EXPECT_EQ(verdicts<Detector>(dialogue, piece), whole) << "pieces of " << piece;
    }
    return whole;
}

}  // namespace minerwall::test

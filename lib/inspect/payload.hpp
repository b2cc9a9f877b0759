// A packet's payload as the path holds it: pieces of one or more mbuf segments, in order.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"

namespace minerwall::inspect {

struct Payload {
    // A jumbo frame in 2 KiB buffers has 5 pieces, a 64 KiB one 33. We ignore further pieces.
    static constexpr unsigned kMaxPieces = 40;

    std::array<Bytes, kMaxPieces> piece;
    unsigned pieces = 0;
    std::uint32_t length = 0;

    void clear() noexcept {
        pieces = 0;
        length = 0;
    }
    void add(Bytes bytes) noexcept {
        if (!bytes.empty() && pieces < kMaxPieces) {
            piece[pieces++] = bytes;
            length += static_cast<std::uint32_t>(bytes.size());
        }
    }
};

}  // namespace minerwall::inspect

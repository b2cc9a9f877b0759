// Cuts bytes into pieces, for tests of parsers that are fed segment by segment.
#pragma once

#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace minerwall::test {

// A copy of exactly this size, so that a sanitizer sees a read beyond it.
struct Piece {
    std::size_t begin;  // offset in the whole
    std::vector<std::uint8_t> copy;
    Bytes bytes() const { return copy; }
};

// cuts: the offsets at which a piece ends and the next one begins, ascending.
inline std::vector<Piece> pieces(std::string_view whole, std::vector<std::size_t> cuts) {
    std::vector<Piece> all;
    std::size_t begin = 0;
    cuts.push_back(whole.size());
    for (const std::size_t end : cuts) {
        const Bytes part = as_bytes(whole.substr(begin, end - begin));
        all.push_back({begin, {part.begin(), part.end()}});
        begin = end;
    }
    return all;
}

}  // namespace minerwall::test

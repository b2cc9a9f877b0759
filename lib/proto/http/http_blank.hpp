// What servers take for a blank in HTTP's lines.
#pragma once

#include <cstdint>

namespace minerwall::proto {

// Between the words of a first line: what RFC 9112, 3 allows, and to Python's http.server all that
// Latin 1 calls a blank.
constexpr bool is_line_blank(std::uint8_t c) noexcept {
    return c == ' ' || c == '\t' || (c >= 0x0b && c <= 0x0d) || (c >= 0x1c && c <= 0x1f) ||
           c == 0x85 || c == 0xa0;
}

// Around a value: also what C's isspace() and Python's strip() take.
constexpr bool is_value_blank(std::uint8_t c) noexcept {
    return c == ' ' || c == '\t' || (c >= 0x0b && c <= 0x0d);
}

}  // namespace minerwall::proto

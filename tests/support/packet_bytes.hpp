// Bytes for tests that write packets: addresses, big-endian numbers and the Internet checksum, with
// code of their own instead of the library's.
#pragma once

#include <array>
#include <cstdint>
#include <iterator>
#include <vector>

namespace minerwall::test {

using Buffer = std::vector<std::uint8_t>;
using Mac = std::array<std::uint8_t, 6>;

inline constexpr Mac kClientMac = {0x02, 0, 0, 0, 0, 0x01};
inline constexpr Mac kServerMac = {0x02, 0, 0, 0, 0, 0x02};

template <typename Range>
void append(Buffer& out, const Range& bytes) {
    out.insert(out.end(), std::begin(bytes), std::end(bytes));
}
inline void put16(Buffer& out, std::uint16_t v) {
    out.push_back(static_cast<std::uint8_t>(v >> 8U));
    out.push_back(static_cast<std::uint8_t>(v));
}
inline void put32(Buffer& out, std::uint32_t v) {
    put16(out, static_cast<std::uint16_t>(v >> 16U));
    put16(out, static_cast<std::uint16_t>(v));
}

// RFC 1071 as the RFC writes it: byte pairs in order.
inline std::uint16_t internet_checksum(const Buffer& bytes) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        sum += i % 2 == 0 ? bytes[i] << 8U : bytes[i];
    }
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16U);
    }
    return static_cast<std::uint16_t>(~sum);
}

}  // namespace minerwall::test

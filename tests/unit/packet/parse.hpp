// Shared by the tests of this folder: parses from memory that ends where the head ends.
#pragma once

#include <cstring>
#include <memory>

#include "packet/frame.hpp"
#include "support/packet_builder.hpp"

namespace minerwall::packet {

// Copies the head to a heap block of exactly its size, so that AddressSanitizer sees any read
// beyond it.
inline Frame parse(const test::Buffer& bytes, std::size_t head, std::uint32_t frame_length) {
    const auto copy = std::make_unique<std::uint8_t[]>(head);
    std::copy_n(bytes.begin(), head, copy.get());
    Frame frame;
    // Exposes what parse_frame() leaves unwritten.
    std::memset(static_cast<void*>(&frame), 0xa5, sizeof frame);
    parse_frame({copy.get(), head}, frame_length, frame);
    return frame;
}
inline Frame parse(const test::Buffer& bytes) {
    return parse(bytes, bytes.size(), static_cast<std::uint32_t>(bytes.size()));
}

inline std::string payload_of(const test::Buffer& bytes, const Frame& frame) {
    const auto* first = bytes.data() + frame.payload_offset;
    return {first, first + frame.payload_length};
}

}  // namespace minerwall::packet

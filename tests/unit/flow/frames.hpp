// Shared by the tests of this folder: frames as the parser describes them, and made-up keys.
#pragma once

#include <cstdint>

#include "flow/key.hpp"
#include "packet/frame.hpp"
#include "support/packet_builder.hpp"

namespace minerwall::flow {

inline packet::Frame parse(const test::Buffer& bytes) {
    packet::Frame frame;
    packet::parse_frame(bytes, static_cast<std::uint32_t>(bytes.size()), frame);
    return frame;
}

// The n-th of many keys, each of a separate flow between two IPv4 hosts.
inline FlowKey key_number(std::uint32_t n, std::uint8_t ip_proto = packet::kProtoTcp) {
    FlowKey key{};
    const std::uint8_t low[4] = {10, 0, 0, 1};
    std::uint8_t high[4];
    store_be32(high, 0x0b000000u + n);
    key.low = IpAddress::v4(low);
    key.high = IpAddress::v4(high);
    key.low_port = 40000;
    key.high_port = 3333;
    key.ip_proto = ip_proto;
    return key;
}

}  // namespace minerwall::flow

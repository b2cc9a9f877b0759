// What makes two packets one flow: the wire, the VLAN tags, the protocol and the unordered pair of
// (address, port). Both directions give the same key; which end sent is told beside it.
#pragma once

#include <cstring>

#include "base/address.hpp"
#include "packet/frame.hpp"

namespace minerwall::flow {

struct FlowKey {
    IpAddress low, high;  // the two ends, ordered by (address, port)
    std::uint16_t low_port, high_port;
    // VLAN ids, outer and inner: the same addresses may live many times behind one trunk.
    std::uint16_t vlan, inner_vlan;
    std::uint8_t ip_proto;
    std::uint8_t wire;

    friend bool operator==(const FlowKey& a, const FlowKey& b) noexcept {
        return std::memcmp(&a, &b, sizeof a) == 0;
    }
};
static_assert(sizeof(FlowKey) == 42, "hashed and compared as bytes: no padding");

// Fills `key`; true where the sender is the low end. Any frame with an IP header has a key; without
// ports (ICMP, ESP) they are zero.
inline bool make_key(const packet::Frame& frame, std::uint8_t wire, FlowKey& key) noexcept {
    const std::uint16_t src_port = frame.has_ports() ? frame.src_port : std::uint16_t{0};
    const std::uint16_t dst_port = frame.has_ports() ? frame.dst_port : std::uint16_t{0};
    const int order = std::memcmp(frame.src.bytes.data(), frame.dst.bytes.data(), 16);
    const bool sender_is_low = order < 0 || (order == 0 && src_port <= dst_port);
    key.low = sender_is_low ? frame.src : frame.dst;
    key.high = sender_is_low ? frame.dst : frame.src;
    key.low_port = sender_is_low ? src_port : dst_port;
    key.high_port = sender_is_low ? dst_port : src_port;
    const auto vlan_id = [&](unsigned tag) {
        return frame.vlan_count > tag ? static_cast<std::uint16_t>(frame.vlan_tci[tag] & 0x0fff)
                                      : std::uint16_t{0};
    };
    key.vlan = vlan_id(0);
    key.inner_vlan = vlan_id(1);
    key.ip_proto = frame.ip_proto;
    key.wire = wire;
    return sender_is_low;
}

}  // namespace minerwall::flow

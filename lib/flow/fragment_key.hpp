// What makes two fragments pieces of one datagram: addresses, identification and, in IPv4, the
// protocol (RFC 791, 3.2; RFC 8200, 4.5), on one wire, VLAN and tunnel.
#pragma once

#include "base/address.hpp"
#include "packet/fragment.hpp"
#include "packet/frame.hpp"

namespace minerwall::flow {

struct FragmentKey {
    IpAddress src, dst;
    std::uint32_t id;
    std::uint16_t vlan, inner_vlan;
    std::uint16_t tunnel_id;
    std::uint8_t tunnel;
    std::uint8_t version;   // packet::L3: a mapped IPv6 address is not the IPv4 one here
    std::uint8_t ip_proto;  // IPv4; 0 for IPv6, where only the first piece knows
    std::uint8_t wire;
    std::uint8_t
        port_odd;  // which end it came in at: an echo from the far side is not the original
    std::uint8_t zero;

    friend bool operator==(const FragmentKey&, const FragmentKey&) noexcept = default;
};
static_assert(sizeof(FragmentKey) == 48, "hashed as bytes: no padding");

inline FragmentKey make_fragment_key(const packet::Frame& frame, const packet::FragmentPart& part,
                                     std::uint16_t port) noexcept {
    const auto vlan_id = [&](unsigned tag) {
        return frame.vlan_count > tag ? static_cast<std::uint16_t>(frame.vlan_tci[tag] & 0x0fff)
                                      : std::uint16_t{0};
    };
    FragmentKey key{};
    key.src = frame.src;
    key.dst = frame.dst;
    key.id = part.id;
    key.vlan = vlan_id(0);
    key.inner_vlan = vlan_id(1);
    key.tunnel_id = frame.tunnel_id;
    key.tunnel = static_cast<std::uint8_t>(frame.tunnel);
    key.version = static_cast<std::uint8_t>(frame.l3);
    key.ip_proto = frame.l3 == packet::L3::ipv4 ? part.ip_proto : std::uint8_t{0};
    key.wire = static_cast<std::uint8_t>(port / 2);
    key.port_odd = static_cast<std::uint8_t>(port % 2);
    return key;
}

}  // namespace minerwall::flow

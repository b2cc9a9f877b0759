// What makes two fragments pieces of one datagram: addresses, identification and, in IPv4, the
// protocol (RFC 791, 3.2; RFC 8200, 4.5), on one wire, VLAN and tunnel. And what makes them share
// one fate behind us.
#pragma once

#include <algorithm>
#include <array>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "flow/hash.hpp"
#include "packet/fragment.hpp"
#include "packet/frame.hpp"

namespace minerwall::reassembly {

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

// What decides, besides chance, whether a piece gets to its receiver and is taken there. Pieces
// that are all plain and have the same mark get there all or none.
struct FragmentFate {
    std::uint32_t mark;  // of what switches and routers look at: link header, TTL, traffic class
    std::uint32_t seen;  // pieces of its source that came before it
    bool plain;          // no path and no host treats it in a way of its own
};

// head: the frame's bytes, all headers of `frame` within. `seen` is left to the caller.
//
// Not plain is
//  - what a router may drop for its length where others pass: IPv4 with DF (RFC 791), whatever is
//    longer than 1,500 bytes (a switch), or in IPv6 than 1,280 (RFC 8200, 5);
//  - what some host or filter refuses: a middle piece that is short (RFC 1858, RFC 3128; IPv6 in
//    Linux 4.19 and older stable ones: below 1,280) or no multiple of 8, an empty one, a first one
//    without the whole TCP or UDP header (RFC 8200, 4.5), IP options and extension headers;
//  - what is in a tunnel, whose outer header is not looked at here.
inline FragmentFate make_fragment_fate(Bytes head, const packet::Frame& frame,
                                       const packet::FragmentPart& part,
                                       const flow::HashKey& secret) noexcept {
    constexpr std::uint32_t kLongest = 1500;  // what Ethernet carries anywhere
    constexpr std::uint32_t kShortestMiddle = 256;
    constexpr std::uint32_t kLongestIpv6 = 1280;
    constexpr std::uint32_t kFlowWord = 4;  // IPv6: version, traffic class, flow label
    struct Marked {
        std::array<std::uint8_t, 56> link;
        std::array<std::uint8_t, 8> ip;
    } marked{};
    const std::uint32_t link = frame.l3_offset;
    if (frame.is_tunnelled() || link > marked.link.size()) {
        return {};
    }
    std::copy_n(head.data(), link, marked.link.data());
    if ((frame.flags & packet::kPppoe) != 0) {
        marked.link[link - 4] = marked.link[link - 3] = 0;  // the length (RFC 2516, 4)
    }
    const std::uint8_t* ip = head.data() + link;
    bool plain = part.length != 0;
    if (frame.l3 == packet::L3::ipv4) {
        const std::uint32_t total = load_be16(ip + 2);
        const std::uint16_t offset = load_be16(ip + 6);
        plain = plain && part.data_at == link + sizeof(packet::Ipv4Header) && total <= kLongest &&
                (offset & ~(packet::kIpv4OffsetMask | packet::kIpv4MoreFragments)) == 0;
        if (part.more) {
            plain = plain && part.length >= kShortestMiddle &&
                    part.length == total - sizeof(packet::Ipv4Header);
        }
        if (part.offset == 0 &&
            (part.ip_proto == packet::kProtoTcp || part.ip_proto == packet::kProtoUdp)) {
            plain = plain && frame.has_ports();
        }
        marked.ip[0] = ip[1];
        marked.ip[1] = ip[8];
    } else {
        const std::uint32_t total = sizeof(packet::Ipv6Header) + load_be16(ip + 4);
        plain = plain && part.data_at == link + sizeof(packet::Ipv6Header) + 8 &&
                (part.more ? total == kLongestIpv6 : total <= kLongestIpv6) &&
                (part.offset != 0 || frame.has_ports());
        std::copy_n(ip, kFlowWord, marked.ip.data());
        marked.ip[kFlowWord] = ip[7];
    }
    return {static_cast<std::uint32_t>(flow::hash_key(marked, secret)), 0, plain};
}

}  // namespace minerwall::reassembly

// Two fragments are pieces of one datagram if they have the same addresses, identification and, in
// IPv4, protocol (RFC 791, 3.2; RFC 8200, 4.5), on one wire, VLAN and tunnel. This file also
// says how networks and hosts behind us treat a fragment.
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
    std::uint8_t version;   // packet::L3: here a mapped IPv6 address differs from the IPv4 one
    std::uint8_t ip_proto;  // IPv4; 0 for IPv6, where only the first piece has it
    std::uint8_t wire;
    std::uint8_t port_odd;  // the ingress end: an echo from the far side is not the original
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

// How networks and hosts behind us treat a piece: this decides, besides chance, whether its
// receiver gets and accepts it. If all pieces are plain and have the same mark, the receiver gets
// all or none.
struct FragmentTreatment {
    std::uint32_t mark;  // of what switches and routers read: link header, TTL, traffic class
    std::uint32_t seen;  // earlier pieces of its source
    bool plain;          // no path and no host treats it specially
};

// head: the frame's bytes, with all headers of `frame`. The caller sets `seen`.
//
// These pieces are not plain:
// - those that a router may drop for their length while others pass: IPv4 with DF (RFC 791), more
//   than 1,500 bytes (a switch), IPv6 with more than 1,280 (RFC 8200, 5);
// - middle pieces that some host or filter refuses: short ones (RFC 1858, RFC 3128; IPv6 in Linux
//   4.19 and older stable ones: below 1,280), or a length that is not a multiple of 8;
// - other pieces that some host or filter refuses: an empty one, a first one without the whole TCP
//   or UDP header (RFC 8200, 4.5), IP options and extension headers;
// - those in a tunnel, because we do not check its outer header here.
inline FragmentTreatment make_fragment_treatment(Bytes head, const packet::Frame& frame,
                                                 const packet::FragmentPart& part,
                                                 const flow::HashKey& secret) noexcept {
    constexpr std::uint32_t kLongest = 1500;  // any Ethernet carries this
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

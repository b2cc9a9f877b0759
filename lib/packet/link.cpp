// What may be between Ethernet and IP: VLAN tags, an MPLS stack, a PPPoE session.
#include <algorithm>

#include "packet/checksum.hpp"
#include "packet/headers.hpp"
#include "packet/layers.hpp"

namespace minerwall::packet {
namespace {

// No field tells what an MPLS stack carries. The first nibble distinguishes IP from a pseudowire's
// control word. It does not distinguish IP from an Ethernet pseudowire without one, whose MAC
// address may begin with 4 or 6 (RFC 4928, 3). So only a sound IP header counts.
void parse_mpls(const Limits& limits, std::uint32_t at, Frame& out) noexcept {
    out.flags |= kMpls;
    bool bottom = false;
    for (unsigned n = 0; !bottom; ++n) {
        if (n == kMaxMplsLabels) {
            out.set_unreadable(Unreadable::link_tags);
            return;
        }
        if (!readable(limits, at + kMplsLabelLength, out)) {
            return;
        }
        bottom = (limits.data[at + 2] & 1U) != 0;
        at += kMplsLabelLength;
        start_l3(limits, at, out);
    }
    if (!readable(limits, at + 1, out)) {
        return;
    }
    const unsigned version = limits.data[at] >> 4U;
    parse_ip(limits, version == 4 ? L3::ipv4 : version == 6 ? L3::ipv6 : L3::none, out);
    if (out.is_ip() &&
        (out.is_malformed() || !verify_ip_checksum({limits.data, limits.head}, out))) {
        out.l3 = L3::none;
        out.ip_proto = 0;
        out.flags &= kMpls | kTruncatedHead;
        start_l3(limits, at, out);
    }
}

void parse_pppoe(Limits limits, std::uint32_t at, Frame& out) noexcept {
    const std::uint32_t start = at + kPppoeHeaderLength + kPppProtocolLength;
    if (!readable(limits, start, out)) {
        return;
    }
    const auto& pppoe = header_at<PppoeHeader>(limits, at);
    const std::uint32_t length = load_be16(pppoe.length);
    if (pppoe.version_type != 0x11 || pppoe.code != 0) {
        return;
    }
    if (length < kPppProtocolLength || length > limits.end - at - kPppoeHeaderLength) {
        out.flags |= kMalformed;
        return;
    }
    const std::uint16_t protocol = load_be16(limits.data + at + kPppoeHeaderLength);
    if (protocol != kPppIpv4 && protocol != kPppIpv6) {
        return;
    }
    limits.end = at + static_cast<std::uint32_t>(kPppoeHeaderLength) + length;
    limits.head = std::min(limits.head, limits.end);
    out.flags |= kPppoe;
    start_l3(limits, start, out);
    parse_ip(limits, protocol == kPppIpv4 ? L3::ipv4 : L3::ipv6, out);
}

bool is_vlan(std::uint16_t type) noexcept {
    return type == kEtherVlan || type == kEtherServiceVlan || type == kEtherOldQinq;
}

}  // namespace

// All that may be between Ethernet and IP. A type below 0x600 is a length (IEEE 802.3, 3.2.6) and
// counts as "not IP", like any unknown type.
void parse_shim(const Limits& limits, std::uint32_t at, std::uint16_t type, Frame& out) noexcept {
    unsigned priority_tags = 0;
    while (is_vlan(type)) {
        if (!readable(limits, at + kVlanTagLength, out)) {
            return;
        }
        const std::uint16_t tci = load_be16(limits.data + at);
        const bool priority = (tci & kVlanIdMask) == 0;
        if (priority ? priority_tags == kMaxPriorityTags : out.vlan_count == kMaxVlanTags) {
            out.set_unreadable(Unreadable::link_tags);
            return;
        }
        if (priority) {
            ++priority_tags;
        } else {
            if (out.vlan_count < std::size(out.vlan_tci)) {
                out.vlan_tci[out.vlan_count] = tci;
            }
            ++out.vlan_count;
        }
        type = load_be16(limits.data + at + 2);
        at += kVlanTagLength;
        start_l3(limits, at, out);
    }
    switch (type) {
        case kEtherIpv4:
            return parse_ip(limits, L3::ipv4, out);
        case kEtherIpv6:
            return parse_ip(limits, L3::ipv6, out);
        case kEtherMpls:
        case kEtherMplsUpper:
            return parse_mpls(limits, at, out);
        case kEtherPppoeSession:
            return parse_pppoe(limits, at, out);
        default:
            return;
    }
}

}  // namespace minerwall::packet

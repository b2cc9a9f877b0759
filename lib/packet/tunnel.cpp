#include "packet/tunnel.hpp"

#include <algorithm>

#include "packet/checksum.hpp"
#include "packet/headers.hpp"
#include "packet/layers.hpp"

namespace minerwall::packet {
namespace {

// We do not look for inner packets beyond: the extension headers of each layer may be long, and
// offsets have 16 bits.
constexpr std::uint32_t kMaxStart = 0x8000;

// What an outer packet carries.
struct Carried {
    Tunnel tunnel;
    L3 l3;             // none: an Ethernet frame
    std::uint32_t at;  // its first byte
    std::uint32_t id;  // VNI or GRE key
};

// While we do not know whether a packet carries another one, its ports are not certain.
void set_truncated(Frame& out) noexcept {
    out.flags = static_cast<std::uint8_t>((out.flags | kTruncatedHead) & ~kHasPorts);
}

// If the bytes before `to` belong to the outer packet (which ends at `end`) but are not in the
// head, the caller has to parse it again with more bytes.
bool reaches(const Limits& limits, std::uint32_t to, std::uint32_t end, Frame& outer) noexcept {
    if (to > end) {
        return false;
    }
    if (to > limits.head) {
        set_truncated(outer);
        return false;
    }
    return true;
}

// Version 0 only: version 1 is PPTP's (RFC 2637) and carries compressed PPP, not IP. We ignore
// reserved bits as Linux does, except source routes, which receivers no longer accept.
bool read_gre(const Limits& limits, std::uint32_t end, Frame& outer, Carried& out) noexcept {
    std::uint32_t at = outer.l4_offset;
    if (!reaches(limits, at + sizeof(GreHeader), end, outer)) {
        return false;
    }
    const auto& gre = header_at<GreHeader>(limits, at);
    const std::uint16_t flags = load_be16(gre.flags);
    const std::uint16_t type = load_be16(gre.type);
    if ((flags & (kGreVersion | kGreRouting)) != 0) {
        return false;
    }
    at += sizeof gre;
    if ((flags & kGreChecksum) != 0) {
        at += kGreWordLength;
    }
    const std::uint32_t key_at = at;
    if ((flags & kGreKey) != 0) {
        at += kGreWordLength;
    }
    if ((flags & kGreSequence) != 0) {
        at += kGreWordLength;
    }
    if (!reaches(limits, at, end, outer)) {
        return false;
    }
    out.tunnel = Tunnel::gre;
    out.id = (flags & kGreKey) != 0 ? load_be32(limits.data + key_at) : 0;
    switch (type) {
        case kEtherIpv4:
            out.l3 = L3::ipv4;
            break;
        case kEtherIpv6:
            out.l3 = L3::ipv6;
            break;
        case kEtherTransparent:
            out.l3 = L3::none;
            break;
        case kEtherWccp:
            // Version 2 has a redirect header of 4 bytes before the packet, version 1 has none;
            // receivers distinguish them by the nibble.
            if (!reaches(limits, at + 1, end, outer)) {
                return false;
            }
            at += limits.data[at] >> 4U == 4 ? 0 : kGreWordLength;
            out.l3 = L3::ipv4;
            break;
        default:  // ERSPAN (a copy of other traffic), MPLS, OSI, keepalives
            return false;
    }
    out.at = at;
    return true;
}

// Reserved bits "MUST be ignored on receipt" (RFC 7348, 5); receivers drop a packet without a VNI.
bool read_vxlan(const Limits& limits, std::uint32_t end, Frame& outer, Carried& out) noexcept {
    const std::uint32_t at = outer.payload_offset;
    if (!outer.has_ports() || !reaches(limits, at + sizeof(VxlanHeader), end, outer)) {
        return false;
    }
    const auto& vxlan = header_at<VxlanHeader>(limits, at);
    if ((vxlan.flags & kVxlanHasVni) == 0) {
        return false;
    }
    out = {Tunnel::vxlan, L3::none, at + static_cast<std::uint32_t>(sizeof vxlan),
           load_be24(vxlan.vni)};
    return true;
}

// end: where the outer packet ends. False: nothing that we look into, or not in the head.
bool read_carried(const Limits& limits, std::uint32_t end, Frame& outer, Carried& out) noexcept {
    if (!outer.is_ip() || outer.is_malformed() || outer.head_truncated() || outer.is_fragment()) {
        return false;
    }
    bool found = false;
    switch (outer.ip_proto) {
        case kProtoIpInIp:
            out = {Tunnel::ipip, L3::ipv4, outer.l4_offset, 0};
            found = true;
            break;
        case kProtoIpv6:
            out = {Tunnel::ipip, L3::ipv6, outer.l4_offset, 0};
            found = true;
            break;
        case kProtoGre:
            found = read_gre(limits, end, outer, out);
            break;
        case kProtoUdp:
            found = outer.dst_port == kPortVxlan && read_vxlan(limits, end, outer, out);
            break;
        default:
            break;
    }
    return found && out.at <= kMaxStart;
}

// Reads the link and IP header of the inner packet, and what follows them.
void parse_carried(const Limits& limits, const Carried& carried, Frame& out) noexcept {
    out = Frame{};
    if (carried.l3 == L3::none) {
        parse_ethernet(limits, carried.at, out);
    } else {
        start_l3(limits, carried.at, out);
        parse_ip(limits, carried.l3, out);
    }
}

// splitmix64's finaliser (Steele, Lea, Flood 2014).
std::uint64_t mix(std::uint64_t z) noexcept {
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
}
std::uint64_t mix(const IpAddress& address) noexcept {
    return mix(mix(load_be64(address.bytes.data())) + load_be64(address.bytes.data() + 8));
}

// One level deeper. Adds both ends, so that the other direction gives the same id.
std::uint16_t next_tunnel_id(std::uint16_t so_far, const Frame& outer, const Carried& carried,
                             const Frame& inner) noexcept {
    std::uint64_t vlans = inner.vlan_count;
    for (unsigned i = 0; i < std::min<unsigned>(inner.vlan_count, 2); ++i) {
        vlans = vlans << 12U | (inner.vlan_tci[i] & 0x0fffU);
    }
    const std::uint64_t kind = static_cast<std::uint64_t>(carried.tunnel) << 56U;
    const std::uint64_t inside = mix(kind ^ vlans << 16U ^ so_far) + mix(carried.id);
    return static_cast<std::uint16_t>(mix(mix(outer.src) + mix(outer.dst) + inside) >> 48U);
}

}  // namespace

void follow_tunnels(const Limits& limits, Frame& out) noexcept {
    Limits inside = limits;
    Carried carried;
    for (unsigned depth = 0;; ++depth) {
        const std::uint32_t end = out.payload_offset + out.payload_length;
        if (!read_carried(inside, end, out, carried)) {
            return;
        }
        if (depth == kMaxTunnels) {
            out.set_unreadable(Unreadable::tunnels);
            return;
        }
        inside.end = end;
        inside.head = std::min(inside.head, end);
        Frame inner;
        parse_carried(inside, carried, inner);
        if (inner.head_truncated()) {
            set_truncated(out);
            return;
        }
        if (!inner.is_ip() || inner.is_malformed()) {
            out.unreadable = inner.unreadable;
            return;
        }
        inner.tunnel = carried.tunnel;
        inner.tunnel_id = next_tunnel_id(out.tunnel_id, out, carried, inner);
        inner.outer_l3_offset = out.is_tunnelled() ? out.outer_l3_offset : out.l3_offset;
        inner.reassembled_from = out.reassembled_from;
        inner.vlan_count = out.vlan_count;
        std::copy(std::begin(out.vlan_tci), std::end(out.vlan_tci), inner.vlan_tci);
        out = inner;
    }
}

unsigned walk_layers(const Limits& limits, const Frame& innermost, Layers& out) noexcept {
    out[0] = {};
    parse_ethernet(limits, 0, out[0].frame);
    for (unsigned n = 1;; ++n) {
        Frame& layer = out[n - 1].frame;
        if (layer.l3_offset >= innermost.l3_offset) {
            return layer.l3_offset == innermost.l3_offset ? n : 0;
        }
        Carried carried;
        if (n == out.size() || !read_carried(limits, limits.head, layer, carried)) {
            return 0;
        }
        out[n].start = carried.at;
        parse_carried(limits, carried, out[n].frame);
    }
}

bool tunnel_ends(Bytes head, const Frame& frame, TunnelEnds& out) noexcept {
    if (!frame.is_tunnelled() || frame.outer_l3_offset >= head.size()) {
        return false;
    }
    const auto length = static_cast<std::uint32_t>(std::min<std::size_t>(head.size(), 0xffff));
    const Limits limits{head.data(), length, 2 * 0xffff};  // parse_frame() checked the length
    Frame outer{};
    start_l3(limits, frame.outer_l3_offset, outer);
    parse_ip(limits, head[frame.outer_l3_offset] >> 4U == 4 ? L3::ipv4 : L3::ipv6, outer);
    out = {outer.src, outer.dst, outer.src_port, outer.dst_port, outer.ip_proto};
    return outer.is_ip();
}

bool verify_tunnel_checksums(Bytes bytes, const Frame& frame) noexcept {
    if (!frame.is_tunnelled()) {
        return true;
    }
    const auto size = static_cast<std::uint32_t>(std::min<std::size_t>(bytes.size(), 2 * 0xffff));
    // The headers before a reassembled packet have the lengths of the fragment that completed it,
    // which may exceed what there is now: do not check them.
    const std::uint32_t end = frame.reassembled_from != 0 ? 2 * 0xffff : size;
    const Limits limits{bytes.data(), std::min<std::uint32_t>(size, frame.l3_offset + 1U), end};
    Layers layers;
    const unsigned count = walk_layers(limits, frame, layers);
    for (unsigned i = 0; i + 1 < count; ++i) {
        const Frame& outer = layers[i].frame;
        if (outer.l3_offset < frame.reassembled_from) {
            continue;
        }
        if (outer.is_malformed() || outer.l4_offset + outer.l4_length() > bytes.size() ||
            !verify_ip_checksum(bytes, outer)) {
            return false;
        }
        const Bytes l4 = bytes.subspan(outer.l4_offset, outer.l4_length());
        if (outer.ip_proto == kProtoGre && (load_be16(l4.data()) & kGreChecksum) != 0 &&
            finish_checksum(add_checksum(l4)) != 0) {
            return false;
        }
        // IPv6 allows zero too (RFC 6935), and most tunnel receivers accept it.
        if (outer.is_udp() && load_be16(l4.data() + offsetof(UdpHeader, checksum)) != 0 &&
            !verify_l4_checksum(l4, outer)) {
            return false;
        }
    }
    return count != 0;
}

}  // namespace minerwall::packet

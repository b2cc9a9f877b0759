#include "packet/frame.hpp"

#include <algorithm>
#include <cstring>

#include "packet/headers.hpp"
#include "packet/layers.hpp"

namespace minerwall::packet {
namespace {

// IpAddress::v4() with one store: a copy of small stores stalls in the store buffer.
void set_v4(IpAddress& out, const std::uint8_t* four) noexcept {
    store_be32(out.bytes.data() + 8, 0x0000ffff);
    std::memcpy(out.bytes.data() + 12, four, 4);
}

void set_malformed(Frame& out) noexcept {
    out.flags |= kMalformed;
    out.payload_length = 0;
}

// A header of TCP, UDP or IPv6 extension that the packet's own end cuts is an error. For a fragment
// only the receiver of all pieces can tell: RFC 7112 asks for whole chains, but hosts accept
// others.
bool fits(Frame& out, std::uint32_t header_end, std::uint32_t end) noexcept {
    if (header_end <= end) [[likely]] {
        return true;
    }
    if (!out.is_fragment()) {
        set_malformed(out);
    }
    return false;
}

void parse_tcp(const Limits& limits, std::uint32_t at, std::uint32_t end, Frame& out) noexcept {
    if (!fits(out, at + sizeof(TcpHeader), end) || !readable(limits, at + sizeof(TcpHeader), out)) {
        return;
    }
    const auto& tcp = header_at<TcpHeader>(limits, at);
    const std::uint32_t length = (tcp.data_offset >> 4U) * 4U;
    if (length < sizeof(TcpHeader)) {
        set_malformed(out);
        return;
    }
    // We do not read options here, so they need not be in the head.
    if (!fits(out, at + length, end)) {
        return;
    }
    out.src_port = load_be16(tcp.src_port);
    out.dst_port = load_be16(tcp.dst_port);
    out.tcp_seq = load_be32(tcp.seq);
    out.tcp_ack = load_be32(tcp.ack);
    out.tcp_flags = tcp.flags;
    out.tcp_window = load_be16(tcp.window);
    out.flags |= kHasPorts;
    set_payload(out, at + length, end);
}

void parse_udp(const Limits& limits, std::uint32_t at, std::uint32_t end, Frame& out) noexcept {
    if (!fits(out, at + sizeof(UdpHeader), end) || !readable(limits, at + sizeof(UdpHeader), out)) {
        return;
    }
    const auto& udp = header_at<UdpHeader>(limits, at);
    const std::uint32_t length = load_be16(udp.length);
    // Over IPv6, zero means "to the end of the packet" (RFC 2675, 4), and hosts accept it in short
    // packets too. If we called that malformed, a DNS query would pass unread.
    if (length != 0 || out.l3 != L3::ipv6) {
        if (length < sizeof(UdpHeader)) {
            set_malformed(out);
            return;
        }
        if (at + length <= end) {
            end = at + length;
        } else if (!out.is_fragment()) {  // the length in a first fragment counts the later ones
                                          // too
            set_malformed(out);
            return;
        }
    }
    out.src_port = load_be16(udp.src_port);
    out.dst_port = load_be16(udp.dst_port);
    out.flags |= kHasPorts;
    set_payload(out, at + sizeof(UdpHeader), end);
}

// Here a tunnel is payload; follow_tunnels() looks into it.
void parse_l4(const Limits& limits, std::uint32_t at, std::uint32_t end, Frame& out) noexcept {
    out.l4_offset = static_cast<std::uint16_t>(at);
    set_payload(out, at, end);
    if (out.is_fragment() && !out.is_first_fragment()) {
        return;
    }
    if (out.ip_proto == kProtoTcp) [[likely]] {
        parse_tcp(limits, at, end, out);
    } else if (out.ip_proto == kProtoUdp) {
        parse_udp(limits, at, end, out);
    }
}

void set_fragment(Frame& out, bool at_start, bool more) noexcept {
    // An atomic fragment, alone and complete, is an ordinary packet (RFC 6946).
    if (!at_start || more) {
        out.flags |= kFragment;
    }
    if (at_start && more) {
        out.flags |= kFirstFragment;
    }
}

inline void parse_ipv4(const Limits& limits, std::uint32_t at, Frame& out) noexcept {
    if (!readable(limits, at + sizeof(Ipv4Header), out)) {
        return;
    }
    const auto& ip = header_at<Ipv4Header>(limits, at);
    if (ip.version_ihl >> 4U != 4) {
        out.flags |= kMalformed;
        return;
    }
    out.l3 = L3::ipv4;
    set_v4(out.src, ip.src);
    set_v4(out.dst, ip.dst);
    out.ip_proto = ip.protocol;

    const std::uint32_t header = (ip.version_ihl & 0x0fU) * 4U;
    const std::uint32_t total = load_be16(ip.total_length);
    if (header < sizeof ip || total < header || total > limits.end - at) {
        set_malformed(out);
        return;
    }
    const std::uint16_t fragment = load_be16(ip.fragment);
    if ((fragment & (kIpv4MoreFragments | kIpv4OffsetMask)) != 0) [[unlikely]] {
        set_fragment(out, (fragment & kIpv4OffsetMask) == 0, (fragment & kIpv4MoreFragments) != 0);
    }
    parse_l4(limits, at + header, at + total, out);
}

bool is_extension(std::uint8_t next_header) noexcept {
    switch (next_header) {
        case kProtoHopByHop:
        case kProtoRouting:
        case kProtoFragment:
        case kProtoAh:
        case kProtoDestination:
            return true;
        default:  // an upper layer, ESP (what follows is unreadable), "no next header", unknown
            return false;
    }
}

// Walks from the end of the fixed header to the upper layer. ip_proto, l4_offset and the payload
// describe the place where it had to stop.
void parse_extensions(const Limits& limits, std::uint32_t at, std::uint32_t end,
                      Frame& out) noexcept {
    constexpr std::uint32_t kUnit = 8;  // every extension header begins with one such unit
    for (unsigned n = 0; is_extension(out.ip_proto); ++n) {
        out.l4_offset = static_cast<std::uint16_t>(at);
        set_payload(out, at, end);
        if (n == kMaxExtensionHeaders) {
            out.set_unreadable(Unreadable::ip_headers);
            return;
        }
        if (!fits(out, at + kUnit, end) || !readable(limits, at + kUnit, out)) {
            return;
        }
        const std::uint8_t* header = limits.data + at;
        std::uint32_t length = (header[1] + 1U) * kUnit;
        if (out.ip_proto == kProtoAh) {
            length = (header[1] + 2U) * 4U;  // RFC 4302, 2.2: words of 4 bytes, minus 2
        } else if (out.ip_proto == kProtoFragment) {
            length = kUnit;  // RFC 8200, 4.5: header[1] is reserved
            const std::uint16_t fragment = load_be16(header + 2);
            set_fragment(out, (fragment & kIpv6OffsetMask) == 0,
                         (fragment & kIpv6MoreFragments) != 0);
        } else if (out.ip_proto == kProtoRouting && header[3] != 0) {
            out.flags |= kSourceRouted;
        }
        if (!fits(out, at + length, end)) {
            return;
        }
        // A later fragment continues with the middle of something, whatever its next header says.
        const bool stop = out.is_fragment() && !out.is_first_fragment();
        out.ip_proto = header[0];
        at += length;
        if (stop) {
            break;
        }
    }
    parse_l4(limits, at, end, out);
}

void parse_ipv6(const Limits& limits, std::uint32_t at, Frame& out) noexcept {
    if (!readable(limits, at + sizeof(Ipv6Header), out)) {
        return;
    }
    const auto& ip = header_at<Ipv6Header>(limits, at);
    if (ip.version_class_flow[0] >> 4U != 6) {
        out.flags |= kMalformed;
        return;
    }
    out.l3 = L3::ipv6;
    out.src = IpAddress::v6(ip.src);
    out.dst = IpAddress::v6(ip.dst);
    out.ip_proto = ip.next_header;

    const std::uint32_t start = at + sizeof(Ipv6Header);
    const std::uint32_t length = load_be16(ip.payload_length);
    if (length > limits.end - start) {
        set_malformed(out);
        return;
    }
    if (is_extension(out.ip_proto)) [[unlikely]] {
        parse_extensions(limits, start, start + length, out);
    } else {
        parse_l4(limits, start, start + length, out);
    }
}

// Inline, so that in parse_frame() all offsets of the link header are constants.
inline void parse_link(const Limits& limits, std::uint32_t at, Frame& out) noexcept {
    start_l3(limits, at, out);
    const std::uint32_t end = at + kEthernetHeaderLength;
    if (!readable(limits, end, out)) {
        return;
    }
    start_l3(limits, end, out);
    const std::uint16_t type = load_be16(limits.data + end - 2);
    if (type == kEtherIpv4) [[likely]] {
        parse_ipv4(limits, end, out);
    } else if (type == kEtherIpv6) {
        parse_ipv6(limits, end, out);
    } else {
        parse_shim(limits, end, type, out);
    }
}

Limits limits_of(Bytes head, std::uint32_t frame_length) noexcept {
    return {head.data(),
            static_cast<std::uint32_t>(std::min<std::size_t>(head.size(), frame_length)),
            frame_length};
}

}  // namespace

void parse_ip(const Limits& limits, L3 version, Frame& out) noexcept {
    if (version == L3::ipv4) {
        parse_ipv4(limits, out.l3_offset, out);
    } else if (version == L3::ipv6) {
        parse_ipv6(limits, out.l3_offset, out);
    }
}

void parse_ethernet(const Limits& limits, std::uint32_t at, Frame& out) noexcept {
    parse_link(limits, at, out);
}

void parse_frame(Bytes head, std::uint32_t frame_length, Frame& out) noexcept {
    out = Frame{};
    const Limits limits = limits_of(head, frame_length);
    parse_link(limits, 0, out);
    if (may_be_tunnel(out)) [[unlikely]] {
        follow_tunnels(limits, out);
    }
}

void parse_reassembled(Bytes head, std::uint32_t frame_length, const Frame& fragment,
                       Frame& out) noexcept {
    const Limits limits = limits_of(head, frame_length);
    Frame whole{};
    start_l3(limits, std::min<std::uint32_t>(fragment.l3_offset, frame_length), whole);
    std::copy(std::begin(fragment.vlan_tci), std::end(fragment.vlan_tci), whole.vlan_tci);
    whole.vlan_count = fragment.vlan_count;
    whole.outer_l3_offset = fragment.outer_l3_offset;
    whole.reassembled_from = whole.l3_offset;
    whole.tunnel_id = fragment.tunnel_id;
    whole.tunnel = fragment.tunnel;
    whole.flags = fragment.flags & (kMpls | kPppoe);
    parse_ip(limits, fragment.l3, whole);
    if (may_be_tunnel(whole)) {
        follow_tunnels(limits, whole);
    }
    out = whole;
}

}  // namespace minerwall::packet

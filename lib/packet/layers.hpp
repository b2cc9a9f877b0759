// The steps of parse_frame(), shared by the files that implement it: frame.cpp (Ethernet, IP, TCP,
// UDP), link.cpp (headers between Ethernet and IP) and tunnel.cpp. Not for other users.
#pragma once

#include <array>
#include <cstdint>

#include "packet/frame.hpp"

namespace minerwall::packet {

// How far we may read, and how far a length field may point: head <= end. Offsets stay within
// `end`, so that no sum of them wraps.
struct Limits {
    const std::uint8_t* data;
    std::uint32_t head;
    std::uint32_t end;
};

// The header structs consist of bytes only, so that they may be anywhere and alias the frame.
template <typename Header>
const Header& header_at(const Limits& limits, std::uint32_t at) noexcept {
    static_assert(alignof(Header) == 1);
    return *reinterpret_cast<const Header*>(limits.data + at);
}

// Whether the bytes before `to` can be read; if not, marks why.
inline bool readable(const Limits& limits, std::uint32_t to, Frame& out) noexcept {
    if (to <= limits.head) [[likely]] {
        return true;
    }
    out.flags |= to <= limits.end ? kTruncatedHead : kMalformed;
    return false;
}

// The headers up to `at` were read; from there to `end` is payload until another header is read.
inline void set_payload(Frame& out, std::uint32_t at, std::uint32_t end) noexcept {
    out.payload_offset = static_cast<std::uint16_t>(at);
    out.payload_length = end - at;
}

// Until an IP header is read, all bytes from `at` on are payload of a frame that is not IP.
inline void start_l3(const Limits& limits, std::uint32_t at, Frame& out) noexcept {
    out.l3_offset = out.l4_offset = static_cast<std::uint16_t>(at);
    set_payload(out, at, limits.end);
}

// Reads an IP header of that version at out.l3_offset, and what follows it.
void parse_ip(const Limits& limits, L3 version, Frame& out) noexcept;
// Reads an Ethernet header at `at` and what follows it up to TCP or UDP, but no tunnel.
void parse_ethernet(const Limits& limits, std::uint32_t at, Frame& out) noexcept;
// Handles a type other than IP in an Ethernet header that ends at `at`.
void parse_shim(const Limits& limits, std::uint32_t at, std::uint16_t type, Frame& out) noexcept;

// Whether follow_tunnels() may find something. Inline, because most frames have no tunnel.
inline bool may_be_tunnel(const Frame& frame) noexcept {
    if (frame.ip_proto == kProtoTcp) [[likely]] {
        return false;
    }
    switch (frame.ip_proto) {
        case kProtoUdp:
            return frame.dst_port == kPortVxlan;
        case kProtoIpInIp:
        case kProtoIpv6:
        case kProtoGre:
            return true;
        default:
            return false;
    }
}

// `out` describes an outer packet: replaces it by the description of the innermost packet that can
// be read.
void follow_tunnels(const Limits& limits, Frame& out) noexcept;

// An IP packet on the way from the frame's first byte to `innermost`: first the outer ones, then
// the innermost, of which only the link header is described.
struct Layer {
    std::uint32_t start;  // where its link header begins; without one, its IP header
    Frame frame;
};
using Layers = std::array<Layer, kMaxTunnels + 1>;

// Walks the headers again that led parse_frame() to `innermost`. limits.head: innermost.l3_offset
// bytes and one more, or all there are. Lengths are not checked again, so that it also walks
// headers before a reassembled packet. Returns the number of layers, or 0 if the bytes lead
// elsewhere.
unsigned walk_layers(const Limits& limits, const Frame& innermost, Layers& out) noexcept;

}  // namespace minerwall::packet

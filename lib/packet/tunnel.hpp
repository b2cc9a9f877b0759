// Describes the tunnel around a packet that parse_frame() found in one.
//
// Any thread. Nothing here allocates, throws or writes to the frame.
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "packet/frame.hpp"

namespace minerwall::packet {

// The ends of a tunnel, from the frame's outermost IP header.
struct TunnelEnds {
    IpAddress src, dst;
    std::uint16_t src_port, dst_port;  // 0 if not over UDP
    std::uint8_t ip_proto;
};

// head: as given to parse_frame(). False if the frame has no tunnel, or its headers are not in
// head.
bool tunnel_ends(Bytes head, const Frame& frame, TunnelEnds& out) noexcept;

// Whether the tunnel's far end accepts the packet: checks the IPv4 header checksums of every outer
// packet, and the checksums of GRE (RFC 2784, 2.5) and of VXLAN's UDP if they are present. True
// without a tunnel, and for headers before a reassembled packet, where each fragment has had its
// own. bytes: the whole frame; missing bytes give false.
bool verify_tunnel_checksums(Bytes bytes, const Frame& frame) noexcept;

}  // namespace minerwall::packet

// What is known of the tunnel around a packet that parse_frame() found in one.
//
// Any thread. Nothing here allocates, throws or writes to the frame.
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "packet/frame.hpp"

namespace minerwall::packet {

// The ends of a tunnel, as the frame's outermost IP header has them.
struct TunnelEnds {
    IpAddress src, dst;
    std::uint16_t src_port, dst_port;  // 0 where it is not over UDP
    std::uint8_t ip_proto;
};

// head: as given to parse_frame(). False where the frame has no tunnel, or its headers are not in
// head.
bool tunnel_ends(Bytes head, const Frame& frame, TunnelEnds& out) noexcept;

// Whether the tunnel's far end would take the packet: IPv4 header checksums of every outer packet,
// and the checksums of GRE (RFC 2784, 2.5) and of VXLAN's UDP where they were made. True where
// there is no tunnel, and for headers before a reassembled datagram: each fragment has had its own.
// bytes: the whole frame; what is missing gives false.
bool verify_tunnel_checksums(Bytes bytes, const Frame& frame) noexcept;

}  // namespace minerwall::packet

// Crafts the frames that we send ourselves: the TCP reset that ends a blocked flow, and the UDP
// datagram (a DNS answer) that replaces a blocked one.
//
// Each is made from a frame of the flow. The link header with its VLAN tags, PPPoE session or MPLS
// stack is copied, IP is rebuilt without options and extension headers, and the result is padded to
// 60 bytes. The answer to a packet from tunnels goes through the same tunnels: each outer IP header
// is rebuilt and reversed like the inner one, GRE keeps its key, and VXLAN keeps its VNI and source
// port. GRE or the outer UDP gets a checksum if the original had one. GRE's sequence number is kept
// toward the receiver and left out toward the sender, because we do not know the sender's count.
//
// original: the frame's bytes up to frame.l3_offset and one more, or all of it; for a frame that
// parse_reassembled() described, the bytes of the copy. The functions return the frame's length, or
// 0 if they cannot make a frame:
// - `out` is too small;
// - the original is not TCP or UDP as asked, or its headers are not in `original`;
// - a tunnel is source-routed;
// - the answer goes to the sender, but through MPLS (the labels of the way back are unknown) or
//   from a group address.
//
// Any thread. Nothing here allocates or throws; `out` must not overlap `original`.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "packet/frame.hpp"

namespace minerwall::packet {

// Who receives the crafted frame: the end that sent the original (addresses, ports and MACs are
// swapped), or the end that the original was sent to (they stay).
enum class Toward : std::uint8_t { sender, receiver };

// Enough room for a reset behind any link header and all tunnels that parse_frame() walks: 78 bytes
// of Ethernet, tags and labels, five IPv6 headers, and four times UDP, VXLAN and such a link.
inline constexpr std::size_t kMaxResetLength = 864;

// An end obeys a reset only if seq is exactly the next byte that it expects (RFC 5961, 3.2): toward
// the sender that is the original's ack, toward the receiver the original's seq. An end in SYN-SENT
// checks the ack instead (RFC 9293, 3.10.7.3), so the answer to a SYN has with_ack and ack = its
// seq + 1 + its payload. Without with_ack the ack field is zero.
std::size_t craft_reset(MutableBytes out, Bytes original, const Frame& frame, Toward toward,
                        std::uint32_t seq, std::uint32_t ack, bool with_ack) noexcept;

// payload: the UDP payload, at most what one datagram holds (65,507 bytes over IPv4). The caller
// keeps the frame within the link's MTU, because it has "don't fragment" (RFC 9715).
std::size_t craft_udp_reply(MutableBytes out, Bytes original, const Frame& frame, Toward toward,
                            Bytes payload) noexcept;

}  // namespace minerwall::packet

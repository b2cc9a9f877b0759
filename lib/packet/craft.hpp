// Frames that the wire sends in its own name: the TCP reset that ends a blocked flow and the UDP
// datagram (a DNS answer) that stands in for a blocked one.
//
// Each is made from a frame of the flow: the link header with its VLAN tags, PPPoE session or MPLS
// stack is copied, IP is rebuilt without options and extension headers, and the result is padded
// to 60 bytes. What came through tunnels is answered through them: each outer IP header is rebuilt
// and turned round like the inner one, GRE keeps its key and VXLAN its VNI and source port; a
// checksum of GRE or of the outer UDP is there where the original had one. GRE's sequence number is
// kept toward the receiver and left out toward the sender, whose count is not known.
//
// original: the frame's bytes up to frame.l3_offset and one more, or all of it; of a frame that
// parse_reassembled() described, the copy's. They return the frame's length, or 0 where none can be
// made: `out` is too small, the original is not TCP or UDP as asked, its headers are not in
// `original`, a tunnel is source-routed, or the answer goes back to the sender and cannot: through
// MPLS (the labels of the way back are not known), or from a group address.
//
// Any thread. Nothing here allocates or throws; `out` must not overlap `original`.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "packet/frame.hpp"

namespace minerwall::packet {

// Whom the crafted frame is for: the end that sent the original (addresses, ports and MACs are
// swapped) or the end that it was going to (they stay).
enum class Toward : std::uint8_t { sender, receiver };

// Enough room for a reset behind any link header and all tunnels that parse_frame() walks: 78
// bytes of Ethernet, tags and labels, five IPv6 headers, four times UDP, VXLAN and such a link.
inline constexpr std::size_t kMaxResetLength = 704;

// A reset is obeyed only where seq is exactly the next byte its receiver expects (RFC 5961, 3.2):
// toward the sender that is the original's ack, toward the receiver the original's seq. An end
// that is in SYN-SENT looks at the ack instead (RFC 9293, 3.10.7.3), so a SYN is answered with
// with_ack and ack = its seq + 1 + its payload. Without with_ack the ack field is zero.
std::size_t craft_reset(MutableBytes out, Bytes original, const Frame& frame, Toward toward,
                        std::uint32_t seq, std::uint32_t ack, bool with_ack) noexcept;

// payload: the UDP payload, at most what one datagram holds (65,507 bytes over IPv4). Keeping the
// frame within the link's MTU is the caller's part: it is sent with "don't fragment" (RFC 9715).
std::size_t craft_udp_reply(MutableBytes out, Bytes original, const Frame& frame, Toward toward,
                            Bytes payload) noexcept;

}  // namespace minerwall::packet

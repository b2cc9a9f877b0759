// Frames that the wire sends in its own name: the TCP reset that ends a blocked flow and the UDP
// datagram (a DNS answer) that stands in for a blocked one.
//
// Each is made from a frame of the flow: the link header with its VLAN tags, PPPoE session or MPLS
// stack is copied, IP is rebuilt without options and extension headers, and the result is padded
// to 60 bytes. They return the frame's length, or 0 where none can be made: `out` is too small,
// the original is not TCP or UDP as asked, its link header is not in `original`, or the answer goes
// back to the sender and cannot: through MPLS (the labels of the way back are not known), or from
// a group address (a MAC that no frame may come from).
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

// Enough room for a reset behind any link header that parse_frame() walks.
inline constexpr std::size_t kMaxResetLength = 192;

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

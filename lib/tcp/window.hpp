// Whether a segment of a flow without a record lies where its receiver takes it. A host that sees
// neither end's packets cannot guess such a segment: RFC 9293, 3.10.7.4 and RFC 5961, 5 let a
// receiver discard the others, so they count for nothing here.
//
// `next_sequence` is the end of the bytes that a direction brought, and Flow::windows says how
// large a window its receiver offered. Both are upper bounds of what the receiver knows: bytes in
// flight have passed us and not yet the receiver.
#pragma once

#include <bit>
#include <cstdint>

#include "flow/flow.hpp"
#include "packet/headers.hpp"
#include "tcp/connection.hpp"

namespace minerwall::tcp {

// log2 of the distance that is taken for one window while the receiver's is not known.
inline constexpr unsigned kUnknownWindow = 20;

// log2 of the direction's window, rounded up to an even number.
inline unsigned window_bits(const flow::Flow& flow, flow::Direction direction) noexcept {
    const unsigned nibble = flow.windows >> 4 * index(direction) & 0xf;
    return nibble == 0 ? kUnknownWindow : 2 * nibble;
}

// True if `number` lies less than a window away from the direction's next byte, in either
// direction. True as well if its numbers are not known.
inline bool is_in_window(const flow::Flow& flow, flow::Direction direction,
                         std::uint32_t number) noexcept {
    const std::uint32_t distance = number - flow.next_sequence[index(direction)];
    const std::uint32_t window = std::uint32_t{1} << window_bits(flow, direction);
    return !flow.has(flow::Flow::sequence_known(direction)) || distance <= window ||
           0u - distance <= window;
}

// True if the receiver can take the segment: its sequence number and its acknowledgement fit.
inline bool fits(const flow::Flow& flow, flow::Direction direction,
                 const packet::Frame& frame) noexcept {
    return (frame.tcp_flags & packet::kTcpAck) != 0 &&
           is_in_window(flow, direction, payload_sequence(frame)) &&
           is_in_window(flow, opposite(direction), frame.tcp_ack);
}

// Notes the window that `frame` offers, if its scale is known. The largest window counts: its right
// edge never moves back (RFC 9293, 3.8.6).
inline void note_window(flow::Flow& flow, flow::Direction speaker, const packet::Frame& frame,
                        WindowScales scales) noexcept {
    const bool syn = (frame.tcp_flags & packet::kTcpSyn) != 0;  // never scaled: RFC 7323, 2.2
    if (!syn && !scales.are_known()) {
        return;
    }
    const std::uint32_t window = std::uint32_t{frame.tcp_window}
                                 << (syn ? 0 : scales.shift(speaker));
    const unsigned bits = window <= 4 ? 2 : static_cast<unsigned>(std::bit_width(window - 1));
    const unsigned nibble = (bits + 1) / 2;  // of 30 bits at most: RFC 7323, 2.3
    const unsigned at = 4 * index(opposite(speaker));
    if (nibble > (flow.windows >> at & 0xf)) {
        flow.windows = static_cast<std::uint8_t>((flow.windows & ~(0xfu << at)) | nibble << at);
    }
}

}  // namespace minerwall::tcp

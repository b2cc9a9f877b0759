// Whether a segment of a flow without half streams lies where its receiver takes it. A host that
// sees neither end's packets cannot guess such a segment: RFC 9293, 3.10.7.4 and RFC 5961, 5 let a
// receiver discard the others, so they count for nothing here.
//
// `next_sequence` is the end of the bytes that a direction brought, and Flow::windows says how
// large a window its receiver offered. Both are upper bounds of what the receiver knows: bytes in
// flight have passed us and not yet the receiver.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "flow/flow.hpp"
#include "packet/headers.hpp"
#include "tcp/connection.hpp"

namespace minerwall::tcp {

// The direction's window by its nibble of Flow::windows, in bytes. While the receiver's window is
// not known, 1 MiB stands for it.
inline constexpr auto kWindows = [] {
    std::array<std::uint32_t, 16> windows{};
    windows[0] = 1 << 20;
    for (unsigned nibble = 1; nibble < windows.size(); ++nibble) {
        windows[nibble] = std::uint32_t{1} << 2 * nibble;
    }
    return windows;
}();
inline std::uint32_t window_of(const flow::Flow& flow, flow::Direction direction) noexcept {
    return kWindows[flow.windows >> 4 * index(direction) & 0xf];
}

// True if `number` lies at most a window away from the direction's next byte, before or behind it.
// True as well if its numbers are not known.
inline bool is_in_window(const flow::Flow& flow, flow::Direction direction,
                         std::uint32_t number) noexcept {
    const std::uint32_t window = window_of(flow, direction);
    const std::uint32_t distance = number - flow.next_sequence[index(direction)];
    return distance + window <= 2 * window || !flow.has(flow::Flow::sequence_known(direction));
}

// True if the receiver can take the segment: its sequence number and its acknowledgement fit.
inline bool fits(const flow::Flow& flow, flow::Direction direction,
                 const packet::Frame& frame) noexcept {
    return (frame.tcp_flags & packet::kTcpAck) != 0 &&
           is_in_window(flow, direction, frame.tcp_seq) &&
           is_in_window(flow, opposite(direction), frame.tcp_ack);
}

// Moves the direction's next byte behind a segment that fits and that nobody reads. end: of its
// payload.
inline void step_over(flow::Flow& flow, flow::Direction direction, std::uint32_t end) noexcept {
    std::uint32_t& next = flow.next_sequence[index(direction)];
    if (static_cast<std::int32_t>(end - next) > 0 ||
        !flow.has(flow::Flow::sequence_known(direction))) {
        flow.set(flow::Flow::sequence_known(direction));
        next = end;
    }
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
    const flow::Direction heard = opposite(speaker);
    const unsigned at = 4 * index(heard);
    const unsigned known = flow.windows >> at & 0xf;
    if (known != 0 && window <= kWindows[known]) [[likely]] {
        return;
    }
    const unsigned bits = window <= 4 ? 2 : static_cast<unsigned>(std::bit_width(window - 1));
    const unsigned nibble = (bits + 1) / 2;  // of 30 bits at most: RFC 7323, 2.3
    flow.windows = static_cast<std::uint8_t>((flow.windows & ~(0xfu << at)) | nibble << at);
}

}  // namespace minerwall::tcp

// One TCP segment on its way through the tracker, and what it did to its connection. Plain data of
// the worker's thread.
#pragma once

#include <cstdint>

#include "flow/flow.hpp"
#include "packet/headers.hpp"
#include "tcp/sides.hpp"

namespace minerwall::tcp {

struct Segment {
    const packet::Frame& frame;
    flow::Direction direction;
    Sides sides;  // where it came in
    // Its connection is cut: nothing of it is read.
    bool cut = false;
    // Told by the tracker: the receiver's next sequence number before this segment. A reset toward
    // the receiver has to carry exactly that (RFC 5961, 3.2).
    std::uint32_t expected = 0;

    bool has(std::uint8_t flags) const noexcept { return (frame.tcp_flags & flags) != 0; }
    bool has_payload() const noexcept { return frame.payload_length != 0; }
};

// What a segment did.
enum class Did : std::uint8_t {
    nothing,   // it passes: no connection changed, or only its numbers
    ignored,   // its receiver discards it
    closed,    // the connection is over
    read,      // its bytes, or earlier ones, were read or are held
    conflict,  // it has other bytes than those that were judged: it must not reach its receiver
    full,      // there was no room to remember or to judge all of it, and that means drop
};

// Whether a SYN puts a new connection in the place of one on the same ports.
enum class Replaces : std::uint8_t {
    no,
    yes,
    // Where it came in at its sender's own end of the wire, and Tracker::was_asked() says so too.
    if_from_right_end,
};

}  // namespace minerwall::tcp

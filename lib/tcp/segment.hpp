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
    // The connection is cut: the tracker reads no byte of the segment.
    bool cut = false;
    // Set by the tracker: the receiver's next sequence number before this segment. A reset toward
    // the receiver must carry exactly this number (RFC 5961, 3.2).
    std::uint32_t expected = 0;

    bool has(std::uint8_t flags) const noexcept { return (frame.tcp_flags & flags) != 0; }
    bool has_payload() const noexcept { return frame.payload_length != 0; }
};

// What a segment did.
enum class Did : std::uint8_t {
    nothing,   // it passes; at most the connection's numbers changed
    opened,    // a SYN without data, or the answer to one: its sender's numbers begin with it
    ignored,   // the receiver discards it
    closed,    // the connection is over
    read,      // its bytes, or earlier ones, were read or are held
    conflict,  // its bytes differ from those that were judged: it must not reach the receiver
    full,      // no room to hold or to judge all of it, and the options say to drop it
};

}  // namespace minerwall::tcp

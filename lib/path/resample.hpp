// Another look at settled flows: mining that begins late, in a connection that was something else
// for a long time or was made to look so.
//
// Each segment costs a look at its first bytes. If they open a JSON value, an HTTP request or a TLS
// handshake that was not there before, the segment is read like the beginning of a stream. Of the
// other segments, every kResampleEvery-th is searched for lines, unless the stream is known to be
// TLS. A flow whose messages proved to be none seven times is looked at less often.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

inline constexpr std::uint8_t kResampleEvery = 16;  // segments with payload, of both directions

enum class Resample : std::uint8_t {
    nothing,
    news,    // the packet's evidence has a mining message
    reopen,  // the direction must be read again, from this segment on
};

// For a packet with payload whose flow is settled in this direction and has no parser state.
Resample resample(Packet packet) noexcept;

}  // namespace minerwall::path

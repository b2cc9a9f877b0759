// Another look at flows that are settled: mining that begins late, in a connection that was
// something else for a long time or was made to look so.
//
// A segment costs a look at its first bytes. Where they open a JSON value, an HTTP request or a TLS
// handshake that was not there before, it is read like the beginning of a stream. Of the others
// every kResampleEvery-th is searched for lines, where the stream is not known to be TLS.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

inline constexpr std::uint8_t kResampleEvery = 16;  // segments with payload, of both directions

enum class Resample : std::uint8_t {
    nothing,
    news,    // the packet's evidence has a mining message
    reopen,  // the direction is to be read again, from this segment on
};

// The packet has payload, its flow is settled in this direction and has no record of inspection.
Resample resample(Packet packet) noexcept;

}  // namespace minerwall::path

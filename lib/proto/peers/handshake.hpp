// Words of the detectors that know a protocol by both directions of a connection, because its bytes
// are random to an onlooker and only who sends how many of them when tells anything.
#pragma once

#include <cstdint>

namespace minerwall::proto {

// Client: the end that opened the connection.
enum class Side : std::uint8_t { client, server };

enum class HandshakeVerdict : std::uint8_t {
    undecided,
    likely,  // the handshake fits; what follows decides
    yes,     // for good
    no,      // for good
};

}  // namespace minerwall::proto

// Types for the detectors that need both directions of a connection. Their protocols' bytes look
// random to an observer, so only the order and the sizes of what each end sends tell something.
#pragma once

#include <cstdint>

namespace minerwall::proto {

// The client opened the connection.
enum class Role : std::uint8_t { client, server };

enum class HandshakeResult : std::uint8_t {
    undecided,
    likely,  // the handshake fits; the next bytes decide
    yes,     // stays so
    no,      // stays so
};

}  // namespace minerwall::proto

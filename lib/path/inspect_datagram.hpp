// UDP: each datagram is a message of its own.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

// A packet with payload, of a flow that is not cut. Sets its evidence and news.
void inspect_datagram(Packet packet) noexcept;

}  // namespace minerwall::path

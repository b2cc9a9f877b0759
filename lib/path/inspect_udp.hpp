// UDP: the payload of each packet is a message of its own.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

// For a packet with payload, of a flow that is not cut. Sets the packet's evidence and news.
void inspect_udp(Packet packet) noexcept;

}  // namespace minerwall::path

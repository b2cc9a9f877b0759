// What a packet without a flow says by itself.
//
// The worker's thread, within a turn.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

// Reads the payload as the beginning of a message. True: the packet's evidence is filled.
bool read_alone(Packet packet) noexcept;
// By its ports and flags.
bool seems_from_client(const packet::Frame& frame) noexcept;

}  // namespace minerwall::path

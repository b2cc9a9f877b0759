// Gathers a packet's payload from its mbuf chain.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

// Fills `payload` with the pieces of the packet's payload.
void gather(Packet packet, inspect::Payload& payload) noexcept;
// Makes `payload` one piece, by a copy into `room` if it was several. It is valid until `room` is
// used again.
void linearise(inspect::Payload& payload, Scratch::Room& room) noexcept;

}  // namespace minerwall::path

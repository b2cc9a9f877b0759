// Gathers a packet's payload from its mbuf chain.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

// Fills context.payload with the pieces of the packet's payload.
void gather(Packet packet) noexcept;
// Makes context.payload one piece, by a copy if it was several: a datagram is judged as a whole.
void linearise(Context& context) noexcept;

}  // namespace minerwall::path

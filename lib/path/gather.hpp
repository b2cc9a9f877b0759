// A packet's payload out of its mbuf chain.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

// Fills context.payload with the pieces of the packet's payload.
void gather(Packet packet) noexcept;
// A datagram is judged as a whole: context.payload becomes one piece, a copy where it was several.
void linearise(Context& context) noexcept;

}  // namespace minerwall::path

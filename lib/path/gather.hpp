// A packet's payload out of its mbuf chain.
#pragma once

#include "path/context.hpp"

namespace minerwall::path {

// Fills context.payload with the pieces of packet i's payload.
void gather(Context& context, const Burst& burst, unsigned i) noexcept;
// A datagram is judged as a whole: context.payload becomes one piece, a copy where it was several.
void linearise(Context& context) noexcept;

}  // namespace minerwall::path

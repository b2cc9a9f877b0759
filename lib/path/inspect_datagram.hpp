// UDP: each datagram is a message of its own.
#pragma once

#include "path/context.hpp"

namespace minerwall::path {

// Packet i, with payload, of a flow that is not cut. Sets burst.news and burst.evidence.
void inspect_datagram(Context& context, Burst& burst, unsigned i, flow::Flow& flow) noexcept;

}  // namespace minerwall::path

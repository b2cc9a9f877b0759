// One TCP segment: the connection's state, what its sender says as a receiver, and its payload.
#pragma once

#include "path/context.hpp"

namespace minerwall::path {

void inspect_segment(Context& context, Burst& burst, unsigned i, flow::Flow& flow,
                     bool cut) noexcept;

// Where packet i came in, against where its flow's ends live.
tcp::Sides sides_of(const Context& context, const Burst& burst, unsigned i,
                    flow::Flow& flow) noexcept;

}  // namespace minerwall::path

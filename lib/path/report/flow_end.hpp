// The event of the end of a flow.
#pragma once

#include "path/context.hpp"

namespace minerwall::path {

// Call it before the flow's records are given back. Never waits: if the ring is full, the event is
// lost and counted.
void report_flow_end(Context& context, const flow::Flow& flow, event::EndReason reason) noexcept;

}  // namespace minerwall::path

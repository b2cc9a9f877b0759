// The event of a flow that is over.
#pragma once

#include "path/context.hpp"

namespace minerwall::path {

// Before the flow's records are given back. Never waits: a full ring is a counted loss.
void report_flow_end(Context& context, const flow::Flow& flow, event::EndReason reason) noexcept;

}  // namespace minerwall::path

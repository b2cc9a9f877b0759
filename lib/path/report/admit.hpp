// Which events are written: each source has a rate, and so has a flow. docs/adr/0017-fairness.md.
//
// The worker's thread, within a turn.
#pragma once

#include "path/context.hpp"

namespace minerwall::path {

// Whether one more alert of the flow is written. If not, it is counted, and the next one of its
// source that is written tells how many were not.
bool admit_alert(Context& context, const flow::Flow& flow) noexcept;
// How many alerts of the flow's source were not written since the last one; asked once.
std::uint32_t take_suppressed(Context& context, const flow::Flow& flow) noexcept;
// Whether the end of the flow is written.
bool admit_flow_end(Context& context, const flow::Flow& flow) noexcept;

}  // namespace minerwall::path

// What an event calls the protocol of a connection.
#pragma once

#include "event/record.hpp"
#include "flow/flow.hpp"
#include "path/report/finding.hpp"

namespace minerwall::path {

// The dialect of the finding, where it has one, says more than what inspection made of the flow.
// finding: null where the flow has none. Any thread.
event::AppProto app_proto(const flow::Flow& flow, const Finding* finding) noexcept;

}  // namespace minerwall::path

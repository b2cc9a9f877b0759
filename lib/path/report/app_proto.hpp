// What an event calls the protocol of a connection.
#pragma once

#include "event/record.hpp"
#include "flow/flow.hpp"
#include "path/finding.hpp"

namespace minerwall::path {

// The dialect of the finding, if there is one, says more than the protocol that inspection found.
// finding: null if the flow has none. Any thread.
event::AppProto app_proto(const flow::Flow& flow, const Finding* finding) noexcept;

}  // namespace minerwall::path

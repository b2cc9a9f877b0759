// How flows and turns end, and what is given back then. Stages, verdicts and the worker use it.
//
// The worker's thread only.
#pragma once

#include <cstddef>

#include "event/record.hpp"
#include "path/context.hpp"

namespace minerwall::path {

// Gives back what inspection keeps of a flow that is over or settled.
void forget_inspection(Context& context, flow::Flow& flow) noexcept;
// Ends one flow: writes its event and gives its records back. The flow stays in the table.
void close_flow(Context& context, flow::Flow& flow, event::EndReason reason) noexcept;

// Ends flows that timed out; looks at a bounded number of flows.
void expire(Context& context) noexcept;
// Forgets packets that were not completed in time; a bounded number of them.
void expire_fragments(Context& context) noexcept;
// Ends up to about `budget` flows from the table's place `cursor` on (0 at first). True: there are
// more. For shutdown and the end of a capture.
bool end_flows(Context& context, std::size_t& cursor, unsigned budget,
               event::EndReason reason) noexcept;

// The turn counts for the budget of work. Reports when another rung of shedding is in force.
void end_turn(Context& context, bool idle) noexcept;

}  // namespace minerwall::path

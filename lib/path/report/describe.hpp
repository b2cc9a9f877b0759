// A decision as text that outlives the policy.
#pragma once

#include "event/record.hpp"
#include "policy/ruleset.hpp"

namespace minerwall::path {

// Which rule decided, where it stands, and which list entry held. by_payload: the flow was
// recognised by its payload. The worker's thread, within a turn: `rules` must be in force.
void describe(const policy::Ruleset& rules, const policy::Decision& decision, bool by_payload,
              event::MatchPart& out) noexcept;

}  // namespace minerwall::path

// A decision as text that outlives the policy.
#pragma once

#include "event/record.hpp"
#include "policy/ruleset.hpp"

namespace minerwall::path {

// The evidence of a decision, the payload aside. Any thread.
EvidenceKind evidence_of(const policy::Decision& decision) noexcept;

// Which rule decided, where it stands, and which list entry held. by_payload: the flow was
// recognised by its payload. The worker's thread, within a turn: `rules` must be in force.
void describe(const policy::Ruleset& rules, const policy::Decision& decision, bool by_payload,
              event::MatchPart& out) noexcept;

}  // namespace minerwall::path

// From a worker's state to event records. Never waits: a full ring is a counted loss.
#pragma once

#include "path/context.hpp"

namespace minerwall::path {

// Which rule decided, as text that outlives the policy.
void describe(const policy::Ruleset& rules, const policy::Decision& decision, bool by_payload,
              event::MatchPart& out) noexcept;

// Packet i of the burst brought a detection or a verdict of its flow.
void report_detection(Context& context, const Burst& burst, unsigned i, const flow::Flow& flow,
                      const Finding& finding) noexcept;
// Packet i is a DNS message that is answered (or swallowed) here.
void report_sinkhole(Context& context, const Burst& burst, unsigned i, const flow::Flow& flow,
                     const Finding& finding, std::uint8_t rcode) noexcept;
// What was learned from packet i.
void report_learned(Context& context, const Burst& burst, unsigned i, const flow::Flow& flow,
                    const flow::Learned& entry) noexcept;
void report_flow_end(Context& context, const flow::Flow& flow, event::EndReason reason) noexcept;

}  // namespace minerwall::path

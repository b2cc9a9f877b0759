// Stores a decision in the flow's finding: what the flow's events say.
//
// The worker's thread only.
#pragma once

#include "path/packet.hpp"
#include "path/verdict/news.hpp"
#include "policy/facts.hpp"

namespace minerwall::path {

// Call it after adopt_decision(). app: what the policy was asked with. before: the flow's verdict
// until now. learned: the entry that the decision rests on, if any. Returns the finding to report;
// null if the flow's events said so already, or if there is nothing to say.
const Finding* adopt_finding(Packet packet, const News& news, Dialect app,
                             const policy::Decision& decision, Action before,
                             const flow::Learned& learned) noexcept;

// For a rule that decided about a DNS message by `name`, with another action than `allow`. Returns
// the finding to report.
const Finding& adopt_dns_finding(Packet packet, const policy::Decision& decision,
                                 std::string_view name) noexcept;

}  // namespace minerwall::path

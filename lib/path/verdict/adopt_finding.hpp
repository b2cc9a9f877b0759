// From a decision to the flow's finding: what the flow's events say of it.
//
// The worker's thread only.
#pragma once

#include "path/packet.hpp"
#include "path/verdict/news.hpp"
#include "policy/facts.hpp"

namespace minerwall::path {

// After adopt_decision(). app: what the policy was asked with; before: the verdict that the flow
// had until now; learned: the entry that the decision rests on, where it does. The finding that is
// to be reported; null where the flow's events said so already, or there is nothing to say.
const Finding* adopt_finding(Packet packet, const News& news, Dialect app,
                             const policy::Decision& decision, Action before,
                             const flow::Learned& learned) noexcept;

// A rule decided about a DNS message by `name`, and its action is not `allow`. The finding that is
// to be reported.
const Finding& adopt_dns_finding(Packet packet, const policy::Decision& decision,
                                 std::string_view name) noexcept;

}  // namespace minerwall::path

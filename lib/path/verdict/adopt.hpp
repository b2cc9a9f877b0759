// From what was decided to the flow: roles, marks, verdict, finding, counters. Asks and reports
// nothing.
//
// The worker's thread only. Each packet has a flow.
#pragma once

#include "path/packet.hpp"
#include "path/verdict/news.hpp"
#include "policy/facts.hpp"

namespace minerwall::path {

// What the evidence alone changes, before the policy is asked: the hello's record, more of a known
// miner, the roles of a connection that was joined midway, and whether it is read any further.
void adopt_news(Packet packet, const News& news) noexcept;

// Verdict, rule and epoch of the flow.
void adopt_decision(Context& context, flow::Flow& flow, const policy::Decision& decision) noexcept;

// In the metric of the rule that decided; nothing where no rule did.
void count_rule(Context& context, const policy::Decision& decision) noexcept;

}  // namespace minerwall::path

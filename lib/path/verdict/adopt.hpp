// Stores a decision in the flow: roles, marks, verdict, finding, counters. Asks and reports
// nothing.
//
// The worker's thread only. The packet must have a flow.
#pragma once

#include "path/packet.hpp"
#include "path/verdict/news.hpp"
#include "policy/facts.hpp"

namespace minerwall::path {

// Stores what the evidence alone changes, before the policy is asked: the ClientHello's record,
// more of a known miner, the roles of a connection that was joined midway, and whether inspection
// continues.
void adopt_news(Packet packet, const News& news) noexcept;

// Sets the flow's verdict, rule and epoch.
void adopt_decision(Context& context, flow::Flow& flow, const policy::Decision& decision) noexcept;

// Counts in the metric of the rule that decided, if one did.
void count_rule(Context& context, const policy::Decision& decision) noexcept;

}  // namespace minerwall::path

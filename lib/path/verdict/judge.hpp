// The steps of a verdict in their order: what is new, the question, what is stored of its answer,
// what is reported and learned.
//
// The worker's thread only.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

// The packet's flow has news, a new policy, or was never judged. Sets verdict, rule, epoch;
// reports.
void judge_flow(Packet packet) noexcept;

// A DNS message by its names. Where a rule blocks it by a name, the packet's disposition is set,
// and the flow's own verdict does not matter for this packet.
void judge_dns(Packet packet) noexcept;

// A packet without a flow. True where it must not pass.
bool judge_stateless(Packet packet) noexcept;

}  // namespace minerwall::path

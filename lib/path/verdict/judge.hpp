// The steps of a verdict in their order: what is new, the question, storing the decision, reporting
// and learning.
//
// The worker's thread only.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

// Call it if the packet's flow has news, was judged under another policy, or was never judged. Sets
// verdict, rule and epoch; reports.
void judge_flow(Packet packet) noexcept;

// Judges a DNS message by its names. If a rule blocks a name, this sets the packet's disposition,
// and the flow's own verdict does not count for this packet.
void judge_dns(Packet packet) noexcept;

// Judges what could not be read of a packet of a flow, by this packet alone, because a
// forged packet must not decide about the flow. kinds: none of kUnreadableStreams. If a rule blocks
// it, this sets the packet's disposition.
void judge_unreadable(Packet packet, UnreadableSet kinds) noexcept;

// Judges a packet without a flow. If a rule blocks it, this sets the packet's disposition.
void judge_stateless(Packet packet) noexcept;

}  // namespace minerwall::path

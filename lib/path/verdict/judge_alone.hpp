// Judges a packet that found no flow, or whose flow found no parser, by itself: what its payload
// says as the beginning of a message.
//
// The worker's thread, within a turn.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

// For a packet without a flow, after judge_stateless() let it pass. It stores nothing and reports
// no event; a rule's counter counts it.
void judge_alone(Packet packet) noexcept;

}  // namespace minerwall::path

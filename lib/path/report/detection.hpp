// The event of a detection, or of a verdict that a flow got.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

// The packet brought the finding of its flow. Never waits: a full ring is a counted loss.
void report_detection(Packet packet, const Finding& finding) noexcept;

}  // namespace minerwall::path

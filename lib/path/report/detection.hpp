// The event of a detection, or of a new verdict.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

// packet: brought the finding of its flow. Never waits: if the ring is full, the event is lost and
// counted.
void report_detection(Packet packet, const Finding& finding) noexcept;

}  // namespace minerwall::path

// The event of a learned address or name.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

// packet: the one that named the entry. Never waits: if the ring is full, the event is lost and
// counted.
void report_learned(Packet packet, const flow::Learned& entry) noexcept;

}  // namespace minerwall::path

// The event of an address or a name that was learned.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

// The packet taught it. Never waits: a full ring is a counted loss.
void report_learned(Packet packet, const flow::Learned& entry) noexcept;

}  // namespace minerwall::path

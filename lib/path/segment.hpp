// One TCP segment before the inspector: the stage's side of tcp::Tracker::segment().
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

// cut: the connection is cut already, and nothing of it is read. Sets the packet's evidence, news
// and expected(); drops what contradicts. The worker's thread.
void inspect_segment(Packet packet, bool cut) noexcept;

// Where the packet came in, against where its flow's ends live.
tcp::Sides sides_of(Packet packet, flow::Flow& flow) noexcept;

}  // namespace minerwall::path

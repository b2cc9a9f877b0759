// Brings one TCP segment to the inspector: what the stage provides to tcp::Tracker::segment().
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

// cut: the connection is cut already, and the segment is not read. Sets the packet's evidence, news
// and expected(); drops a segment with a conflict. The worker's thread.
void inspect_segment(Packet packet, bool cut) noexcept;

// Where the packet came in, against where its flow's ends live.
tcp::Sides sides_of(Packet packet, flow::Flow& flow) noexcept;

// What an overloaded worker leaves out (path/effort.hpp): told to the parsers before a burst, and
// counted after it, because they do not know the worker's counters.
void tell_parsers(Context& context) noexcept;
void count_left_out(Context& context) noexcept;

}  // namespace minerwall::path

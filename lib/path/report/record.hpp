// What all events of a worker share: room in its ring, and the parts of a record.
//
// The worker's thread only.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

// A record in the worker's ring. Null if the ring is full: the event is lost and counted. Finish
// one event before you begin the next.
event::Record* begin_event(Context& context, event::Kind kind) noexcept;
void finish_event(Context& context) noexcept;

// The flow's ends, counts, times and verdict; the finding's action, if that is stronger. finding:
// null if there is none to tell.
void fill_flow(const Context& context, const flow::Flow& flow, const Finding* finding,
               event::Record& out) noexcept;
// The name that the client gave its server, if one is kept.
void fill_name(const Context& context, const flow::Flow& flow, event::Record& out) noexcept;
// The parts that the finding has.
void fill_finding(const Finding& finding, event::Record& out) noexcept;
// Where the packet came in, its tags and its direction. The packet must have a flow.
void fill_packet(Packet packet, event::Record& out) noexcept;

}  // namespace minerwall::path

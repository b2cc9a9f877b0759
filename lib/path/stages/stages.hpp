// The way of a packet: one call a stage, in wire order, each over the whole burst (see worker.cpp).
#pragma once

#include "path/context.hpp"

namespace minerwall::path {

// Takes a burst from a port's queue. Number of packets.
unsigned rx(Context& context, std::uint16_t port) noexcept;
// The same from another worker's hand-over ring; the packets may be of several ports.
unsigned rx_handover(Context& context, unsigned from_worker) noexcept;
// Frame headers: where things lie.
void parse(Context& context, Burst& burst) noexcept;
// Fragments: to the worker that owns their datagram; the last one of a datagram gets a copy of the
// whole, which is judged in its place. Takes out of the burst what contradicts an earlier piece.
void reassemble(Context& context, Burst& burst) noexcept;
// Flow keys, hand-over to the owner, look-up, TCP state, counts.
void track(Context& context, Burst& burst) noexcept;
// Payload to evidence, for the few packets whose flow is not settled.
void inspect(Context& context, Burst& burst) noexcept;
// Evidence to verdict: asks the policy where there is news.
void decide(Context& context, Burst& burst) noexcept;
// Verdict to packets: forward, drop, or craft an answer.
void enforce(Context& context, Burst& burst) noexcept;
// Out through the egress queues; whatever they do not take is counted.
void tx(Context& context) noexcept;

// Ends flows whose time is over; looks at a bounded number of them.
void expire(Context& context) noexcept;
// Forgets datagrams that were never completed in time; a bounded number of them.
void expire_fragments(Context& context) noexcept;
// Ends up to about `budget` flows from the table's place `cursor` on (0 at first). True: there are
// more. For shutdown and the end of a capture.
bool end_flows(Context& context, std::size_t& cursor, unsigned budget,
               event::EndReason reason) noexcept;
// What inspection keeps of a flow is given back: it is over, or has nothing more to tell.
void forget_inspection(Context& context, flow::Flow& flow) noexcept;
// One flow is over: its event is written and its records are given back. The entry stays.
void close_flow(Context& context, flow::Flow& flow, event::EndReason reason) noexcept;

}  // namespace minerwall::path

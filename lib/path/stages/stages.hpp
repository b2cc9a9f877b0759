// The stages of the path in wire order, one call each, over the whole burst (see worker.cpp).
#pragma once

#include "path/context.hpp"

namespace minerwall::path {

// Takes a burst from a port's queue and counts it as received there.
unsigned rx(Context& context, std::uint16_t port) noexcept;  // returns the number of packets
// The same from another worker's hand-over ring; the packets may come from several ports.
unsigned rx_handover(Context& context, unsigned from_worker) noexcept;
// Describes each frame: Ethernet, VLAN, MPLS, PPPoE, IP, TCP or UDP; in a tunnel, the innermost
// packet.
void parse(Context& context, Burst& burst) noexcept;
// Copies IP fragments, at the worker that owns their packet. The last fragment goes on with the
// copy of the whole packet, which is judged in its place. Drops conflicting fragments.
void reassemble(Context& context, Burst& burst) noexcept;
// Key, hash and look-up of the flow; opens and replaces flows; counts their packets; hands packets
// to the worker that owns their flow.
void track(Context& context, Burst& burst) noexcept;
// Follows TCP, and gives parsers the bytes that the receiver reads, which gives `Evidence`; drops
// conflicting copies. Only for the few packets whose flow is not settled.
void inspect(Context& context, Burst& burst) noexcept;
// Asks the policy about a flow that is new, has news, or was judged under another policy; plans
// resets.
void decide(Context& context, Burst& burst) noexcept;
// Puts a packet into the batch of the peer port, or drops it with its reason and crafts the answer.
void enforce(Context& context, Burst& burst) noexcept;
// Sends the batches, tries again within a bound, and counts what the queues do not take.
void tx(Context& context) noexcept;

}  // namespace minerwall::path

// The stages of the path in wire order, one call each, over the whole burst (see worker.cpp).
#pragma once

#include "path/context.hpp"

namespace minerwall::path {

// Takes a burst from a port's queue. Returns the number of packets.
unsigned rx(Context& context, std::uint16_t port) noexcept;
// The same from another worker's hand-over ring; the packets may come from several ports.
unsigned rx_handover(Context& context, unsigned from_worker) noexcept;
// Reads the frame's headers: where each of them lies.
void parse(Context& context, Burst& burst) noexcept;
// Gives each fragment to the worker that owns its packet. The last fragment gets a copy of the
// reassembled packet, which is judged in its place. Takes conflicting fragments out of the burst.
void reassemble(Context& context, Burst& burst) noexcept;
// Flow keys, hand-over to the owner worker, look-up; opens and replaces flows; counts.
void track(Context& context, Burst& burst) noexcept;
// From payload to evidence, for the few packets whose flow is not settled.
void inspect(Context& context, Burst& burst) noexcept;
// From evidence to verdict: asks the policy if there is news.
void decide(Context& context, Burst& burst) noexcept;
// Carries out dispositions: forwards, drops, or sends crafted packets.
void enforce(Context& context, Burst& burst) noexcept;
// Sends through the egress queues; counts what they do not take.
void tx(Context& context) noexcept;

}  // namespace minerwall::path

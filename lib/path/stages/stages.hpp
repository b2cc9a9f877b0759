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

// Ends flows that timed out; looks at a bounded number of flows.
void expire(Context& context) noexcept;
// Forgets packets that were not completed in time; a bounded number of them.
void expire_fragments(Context& context) noexcept;
// Ends up to about `budget` flows from the table's place `cursor` on (0 at first). True: there are
// more. For shutdown and the end of a capture.
bool end_flows(Context& context, std::size_t& cursor, unsigned budget,
               event::EndReason reason) noexcept;
// Gives back what inspection keeps of a flow that is over or settled.
void forget_inspection(Context& context, flow::Flow& flow) noexcept;
// Ends one flow: writes its event and gives its records back. The entry stays in the table.
void close_flow(Context& context, flow::Flow& flow, event::EndReason reason) noexcept;

}  // namespace minerwall::path

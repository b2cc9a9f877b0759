// Finds the worker that a packet is for, and brings it there.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

// The worker that owns a flow or a fragment. hash: keyed; this uses bits that neither the bucket
// nor the tag uses.
inline unsigned owner_of(const Context& context, std::uint64_t hash) noexcept {
    return static_cast<unsigned>(((hash >> 24) & 0xffffff) % context.options.workers);
}

// Moves the packet, with its reassembled copy, from the burst to another worker's ring. A full ring
// means an overloaded worker: like a full NIC queue it loses the packet, with a named reason.
// False: the ring is full and the policy observes. Then the packet stays in the burst; this worker
// forwards it, unread, and perhaps before packets of its flow that wait in the ring.
bool give(Packet packet, unsigned owner) noexcept;

// Gives packets of flows that another worker owns to that worker and closes the gaps in the burst.
// Needs flow keys. A packet moves once at most: the owner finds that it owns the flow. One that
// give() leaves here loses its key.
void hand_over(Context& context, Burst& burst) noexcept;

}  // namespace minerwall::path

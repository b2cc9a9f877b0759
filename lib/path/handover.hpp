// Which worker a packet is for, and how it gets there.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

// By a keyed hash, of a flow or a fragment: bits that neither a bucket nor a tag is made of.
inline unsigned owner_of(const Context& context, std::uint64_t hash) noexcept {
    return static_cast<unsigned>(((hash >> 24) & 0xffffff) % context.options.workers);
}

// The packet, with its datagram, leaves the burst for another worker's ring. A full ring is an
// overloaded worker: like a full NIC queue it loses the packet, by name.
void give(Packet packet, unsigned owner) noexcept;

// Gives packets of flows that another worker owns to that worker and closes the ranks. Needs flow
// keys. What was given once stays: the owner finds itself to be it.
void hand_over(Context& context, Burst& burst) noexcept;

}  // namespace minerwall::path

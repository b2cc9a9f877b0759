// What a packet may cost: asked before the work, for its sender. See path/effort.hpp.
//
// The worker's thread.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

inline Effort::Taker taker_of(Packet packet) noexcept {
    // A handed-over or reassembled packet has its link header, too.
    return packet.context().effort.taker(
        packet.ingress(), rte_pktmbuf_mtod_offset(packet.mbuf(), const std::uint8_t*, 6),
        packet.frame().src, packet.hash());
}

// True: the sender has had its share of an overloaded worker, and this packet is not read. It is
// dropped, and its sender will send it again, unless the options or the policy say to forward it.
inline bool is_over_share(Packet packet) noexcept {
    Context& context = packet.context();
    if (!context.effort.sheds(Rung::source) || !context.effort.is_over(taker_of(packet)))
        [[likely]] {
        return false;
    }
    context.counters.shed[static_cast<unsigned>(Rung::source)].add();
    if (context.options.work.drop) {
        packet.drop(Reason::work_share);
    }
    return true;
}

}  // namespace minerwall::path

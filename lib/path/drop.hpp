// Where drops are counted, each with a named reason, and only after the gate (path/may_drop.hpp).
// Also counts what observing forwards in place of a drop. The owner worker only.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

// Packets that a device could not carry. port: where they came in.
template <Reason kReason>
void count_device_drop(WorkerCounters& counters, std::uint16_t port,
                       std::uint64_t packets = 1) noexcept {
    static_assert(kind_of(kReason) == ReasonKind::device,
                  "every other reason has to pass the gate");
    counters.port[port].dropped_packets[static_cast<unsigned>(kReason)].add(packets);
}

// A packet that is not plainly forwarded, by its disposition.
inline void count_refused(Packet packet) noexcept {
    PortCounters& counters = packet.context().counters.port[packet.ingress()];
    (packet.is_forwarded() ? counters.observed_drops
                           : counters.dropped_packets)[static_cast<unsigned>(packet.reason())]
        .add();
}

// For a stage that takes the packet out of the burst. True: the packet and its copy are gone.
// False: observing forwards it, so the stage leaves it in the burst.
inline bool lose(Packet packet, Reason reason, RuleMode rule = RuleMode::none) noexcept {
    PortCounters& counters = packet.context().counters.port[packet.ingress()];
    if (!may_drop(packet.mode(), rule, reason)) {
        counters.observed_drops[static_cast<unsigned>(reason)].add();
        return false;
    }
    counters.dropped_packets[static_cast<unsigned>(reason)].add();
    rte_pktmbuf_free(packet.reassembled());
    rte_pktmbuf_free(packet.mbuf());
    return true;
}

}  // namespace minerwall::path

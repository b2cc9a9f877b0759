#include "path/handover.hpp"

#include <rte_ring.h>

#include "path/datagram.hpp"
#include "path/drop.hpp"

namespace minerwall::path {
namespace {

// NICs look at most one VLAN tag and IP headers deep. Behind anything else they spread by who
// knows what, and a flow's owner has to be one that can be computed.
bool is_beyond_nic(const packet::Frame& frame) noexcept {
    return frame.is_tunnelled() || frame.vlan_count > 1 ||
           (frame.flags & (packet::kMpls | packet::kPppoe)) != 0;
}

// The NIC did not see the flow that this packet belongs to, but sees it in others: it was a
// fragment, or has extension headers (an atomic fragment among them).
bool hid_from_nic(const Burst& burst, unsigned i) noexcept {
    const packet::Frame& frame = burst.frame[i];
    return burst.datagram[i] != nullptr ||
           (frame.l3 == packet::L3::ipv6 &&
            frame.l4_offset != frame.l3_offset + sizeof(packet::Ipv6Header));
}

unsigned owner_of_flow(const Context& context, const Burst& burst, unsigned i) noexcept {
    const flow::FlowKey& key = burst.key[i];
    if (context.handover.needed || is_beyond_nic(burst.frame[i]) ||
        context.handover.spread.size() <= key.wire()) {
        return owner_of(context, burst.hash[i]);
    }
    if (!hid_from_nic(burst, i)) {
        return context.options.worker;
    }
    // Symmetric, so the key's order of the two ends is as good as the packet's.
    return context.handover.spread[key.wire()]->queue(key.low, key.high, key.ip_proto, key.low_port,
                                                      key.high_port);
}

}  // namespace

void give(Context& context, Burst& burst, unsigned i, unsigned owner) noexcept {
    rte_mbuf* m = burst.mbuf[i];
    rte_mbuf* datagram = burst.datagram[i];
    PortCounters& counters = context.counters.port[m->port];
    attached(context, m) = datagram;
    if (rte_ring_sp_enqueue(context.handover.to[owner], m) == 0) {
        counters.handed_out.add();
        return;
    }
    count_drop(context.counters, m->port, Reason::handover_full);
    rte_pktmbuf_free(datagram);
    rte_pktmbuf_free(m);
}

void hand_over(Context& context, Burst& burst) noexcept {
    unsigned kept = 0;
    for (unsigned i = 0; i < burst.count; ++i) {
        if (burst.keyed[i]) {
            const unsigned owner = owner_of_flow(context, burst, i);
            if (owner != context.options.worker) {
                give(context, burst, i, owner);
                continue;
            }
        }
        burst.move(i, kept++);
    }
    burst.count = kept;
}

}  // namespace minerwall::path

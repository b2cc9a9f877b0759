#include "path/handover.hpp"

#include <rte_ring.h>

#include "path/drop.hpp"
#include "path/reassembled.hpp"

namespace minerwall::path {
namespace {

// NICs read at most one VLAN tag and a few IP headers. They spread other frames in ways that we do
// not know, but we must be able to compute a flow's owner.
bool is_beyond_nic(const packet::Frame& frame) noexcept {
    return frame.is_tunnelled() || frame.vlan_count > 1 ||
           (frame.flags & (packet::kMpls | packet::kPppoe)) != 0;
}

// The NIC could not read this packet's flow, but reads it in other packets: this one is a fragment,
// or has extension headers (an atomic fragment among them).
bool hid_from_nic(Packet packet) noexcept {
    const packet::Frame& frame = packet.frame();
    return packet.reassembled() != nullptr ||
           (frame.l3 == packet::L3::ipv6 &&
            frame.l4_offset != frame.l3_offset + sizeof(packet::Ipv6Header));
}

unsigned owner_of_flow(Packet packet) noexcept {
    const Context& context = packet.context();
    const flow::FlowKey& key = packet.key();
    if (context.handover.needed || is_beyond_nic(packet.frame()) ||
        context.handover.spread.size() <= key.wire()) {
        return owner_of(context, packet.hash());
    }
    if (!hid_from_nic(packet)) {
        return context.options.worker;
    }
    // The hash is symmetric, so the key's order of the two ends serves as well as the packet's.
    return context.handover.spread[key.wire()]->queue(key.low, key.high, key.ip_proto, key.low_port,
                                                      key.high_port);
}

}  // namespace

bool give(Packet packet, unsigned owner) noexcept {
    Context& context = packet.context();
    rte_mbuf* m = packet.mbuf();
    attached(context, m) = packet.reassembled();
    if (rte_ring_sp_enqueue(context.handover.to[owner], m) == 0) {
        context.counters.port[m->port].handed_out.add();
        return true;
    }
    return lose(packet, Reason::handover_full);
}

void hand_over(Context& context, Burst& burst) noexcept {
    unsigned kept = 0;
    for (unsigned i = 0; i < burst.count; ++i) {
        const Packet packet(context, i);
        if (packet.is_keyed()) {
            const unsigned owner = owner_of_flow(packet);
            if (owner != context.options.worker) {
                if (give(packet, owner)) {
                    continue;
                }
                packet.make_no_key();  // its flow is another worker's
            }
        }
        burst.move(i, kept++);
    }
    burst.count = kept;
}

}  // namespace minerwall::path

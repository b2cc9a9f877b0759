#include <rte_ring.h>

#include "flow/tcp.hpp"
#include "path/stages.hpp"
#include "path/validity.hpp"

namespace minerwall::path {
namespace {

// Later fragments have no ports and malformed frames no certain ones: they pass without a flow.
bool has_key(const packet::Frame& frame) noexcept {
    return frame.is_ip() && !frame.is_malformed() && !frame.head_truncated() &&
           (!frame.is_fragment() || frame.is_first_fragment()) &&
           (frame.has_ports() ||
            (frame.ip_proto != packet::kProtoTcp && frame.ip_proto != packet::kProtoUdp));
}

void key_and_hash(Context& context, Burst& burst) noexcept {
    for (unsigned i = 0; i < burst.count; ++i) {
        burst.keyed[i] = has_key(burst.frame[i]);
        if (burst.keyed[i]) {
            const auto wire = static_cast<std::uint8_t>(burst.mbuf[i]->port / 2);
            burst.sender_is_low[i] = make_key(burst.frame[i], wire, burst.key[i]);
            burst.hash[i] = context.flows.hash(burst.key[i]);
            context.flows.prefetch(burst.hash[i]);
        }
    }
}

// Gives packets of flows that another worker owns to that worker and closes the ranks. A full ring
// is an overloaded worker: like a full NIC queue it loses the packet, by name.
void hand_over(Context& context, Burst& burst) noexcept {
    unsigned kept = 0;
    for (unsigned i = 0; i < burst.count; ++i) {
        if (burst.keyed[i]) {
            // Bits that neither the bucket nor the tag of a look-up is made of.
            const auto owner =
                static_cast<unsigned>(((burst.hash[i] >> 24) & 0xffffff) % context.options.workers);
            if (owner != context.options.worker) {
                rte_mbuf* m = burst.mbuf[i];
                PortCounters& counters = context.counters.port[m->port];
                if (rte_ring_sp_enqueue(context.handover.to[owner], m) == 0) {
                    counters.handed_out.add();
                } else {
                    counters.dropped_packets[static_cast<unsigned>(Reason::handover_full)].add();
                    rte_pktmbuf_free(m);
                }
                continue;
            }
        }
        if (kept != i) {
            burst.mbuf[kept] = burst.mbuf[i];
            burst.frame[kept] = burst.frame[i];
            burst.key[kept] = burst.key[i];
            burst.hash[kept] = burst.hash[i];
            burst.keyed[kept] = burst.keyed[i];
            burst.sender_is_low[kept] = burst.sender_is_low[i];
        }
        ++kept;
    }
    burst.count = kept;
}

std::uint32_t open_flow(Context& context, Burst& burst, unsigned i) noexcept {
    const std::uint32_t id = context.flows.insert(burst.key[i], burst.hash[i], context.now);
    if (id == flow::kNone) {
        context.counters.flow_table_full.add();
        return id;
    }
    context.counters.flows_created.add();
    context.counters.flows_active.set(context.flows.size());
    flow::Flow& flow = context.flows.at(id);
    if (flow::sender_is_client(burst.frame[i]) == burst.sender_is_low[i]) {
        flow.set(flow::Flow::client_is_low);
    }
    return id;
}

// A new connection takes the place of flow `id`. Packets of the old one that stand before it in
// this burst have not been judged yet: they must go their way first, so the rest of the burst
// waits for the next round. False: there are none.
bool postpone(Burst& burst, unsigned i, std::uint32_t id) noexcept {
    const auto end = burst.flow.begin() + i;
    if (std::find(burst.flow.begin(), end, id) == end) {
        return false;
    }
    burst.later_count = burst.count - i;
    std::copy_n(burst.mbuf.begin() + i, burst.later_count, burst.later.begin());
    burst.count = i;
    return true;
}

void count(Context& context, flow::Flow& flow, flow::Direction direction,
           const rte_mbuf* m) noexcept {
    context.flows.touch(flow, context.now);
    flow.packets[index(direction)] += 1;
    flow.bytes[index(direction)] += m->pkt_len;
}

}  // namespace

void track(Context& context, Burst& burst) noexcept {
    key_and_hash(context, burst);
    if (context.handover.needed) {
        hand_over(context, burst);
    }
    for (unsigned i = 0; i < burst.count; ++i) {
        if (burst.keyed[i]) {
            context.flows.prefetch_flow(burst.hash[i]);
        }
    }
    for (unsigned i = 0; i < burst.count; ++i) {
        if (!burst.keyed[i]) {
            context.counters.untracked_packets.add();
            continue;
        }
        const packet::Frame& frame = burst.frame[i];
        std::uint32_t id = context.flows.find(burst.key[i], burst.hash[i]);
        if (id != flow::kNone && frame.is_tcp() && flow::opens_anew(context.flows.at(id), frame)) {
            if (postpone(burst, i, id)) {
                return;
            }
            close_flow(context, context.flows.at(id),
                       context.flows.at(id).has(flow::Flow::reset_seen) ? event::EndReason::reset
                                                                        : event::EndReason::closed);
            context.flows.erase(id);
            id = flow::kNone;
        }
        if (id == flow::kNone) {
            id = open_flow(context, burst, i);
            if (id == flow::kNone) {
                burst.untracked_drop[i] = context.options.drop_when_full;
                continue;
            }
        }
        flow::Flow& flow = context.flows.at(id);
        const flow::Direction direction = flow.direction(burst.sender_is_low[i]);
        burst.flow[i] = id;
        burst.direction[i] = direction;
        if (context.options.offloaded_captures && frame.has_ports() && !frame.is_fragment()) {
            note_offload(context, flow, direction, burst.mbuf[i], frame);
        }
        count(context, flow, direction, burst.mbuf[i]);
        // What opens or ends a connection must be real, or the inspection is led astray by a
        // packet that its receiver never takes.
        constexpr std::uint8_t kChanges = packet::kTcpSyn | packet::kTcpFin | packet::kTcpRst;
        if (frame.is_tcp() && (frame.tcp_flags & kChanges) != 0 &&
            !receiver_accepts(context, flow, direction, burst.mbuf[i], frame)) {
            burst.expected[i] = frame.tcp_seq;
            continue;
        }
        if (frame.is_tcp()) {
            burst.expected[i] = flow.has(flow::Flow::sequence_known(direction))
                                    ? flow.next_sequence[index(direction)]
                                    : frame.tcp_seq;
            if (flow::update_tcp(flow, direction, frame)) {
                context.flows.reschedule(id);
            }
        } else if (flow.packets[0] != 0 && flow.packets[1] != 0) {
            flow.state = flow::FlowState::established;
        }
    }
}

}  // namespace minerwall::path

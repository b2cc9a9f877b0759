#include "path/handover.hpp"
#include "path/lifetime.hpp"
#include "path/segment.hpp"
#include "path/stages/stages.hpp"
#include "path/validity.hpp"
#include "tcp/connection.hpp"

namespace minerwall::path {
namespace {

// Only the last fragment shows its flow, by its reassembled packet. A malformed frame does not show
// it reliably. Such packets pass without a flow.
bool has_key(const packet::Frame& frame) noexcept {
    return frame.is_ip() && !frame.is_malformed() && !frame.head_truncated() &&
           !frame.is_fragment() &&
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

// sides: what we know about where its ends live, bits of flow::Flow::ends.
std::uint32_t open_flow(Context& context, Burst& burst, unsigned i, std::uint32_t sides) noexcept {
    const std::uint32_t id = context.flows.insert(burst.key[i], burst.hash[i], context.now);
    if (id == flow::kNone) {
        context.counters.flow_table_full.add();
        return id;
    }
    context.counters.flows_created.add();
    context.counters.flows_active.set(context.flows.size());
    flow::Flow& flow = context.flows.at(id);
    flow.flags |= sides;
    if (tcp::sender_is_client(burst.frame[i]) == burst.sender_is_low[i]) {
        flow.set(flow::Flow::client_is_low);
    }
    return id;
}

// A SYN may replace flow `id` by a new connection. Packets of the old one that stand before it in
// this burst are not judged yet and must go first, so the rest of the burst waits for the next
// round. False: there are no such packets.
bool postpone(Burst& burst, unsigned i, std::uint32_t id) noexcept {
    const auto end = burst.flow.begin() + i;
    if (std::find(burst.flow.begin(), end, id) == end) {
        return false;
    }
    burst.later_count = burst.count - i;
    std::copy_n(burst.mbuf.begin() + i, burst.later_count, burst.later.begin());
    std::copy_n(burst.reassembled.begin() + i, burst.later_count, burst.later_reassembled.begin());
    burst.count = i;
    return true;
}

// True if the packet is a SYN for a new connection on the ports of flow `old`.
bool is_replaced(Packet packet, flow::Flow& old) noexcept {
    return packet.context().inspector.tracker().replaces(old, packet.frame(),
                                                         old.direction(packet.sender_is_low()),
                                                         [&] { return sides_of(packet, old); });
}

void count(Context& context, flow::Flow& flow, flow::Direction direction,
           const rte_mbuf* m) noexcept {
    context.flows.touch(flow, context.now);
    context.flows.count(flow, direction, m->pkt_len);
}

}  // namespace

void track(Context& context, Burst& burst) noexcept {
    key_and_hash(context, burst);
    if (context.options.workers > 1) {
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
        if (frame.is_tunnelled()) {
            context.counters.tunnelled_packets.add();
        }
        std::uint32_t id = context.flows.find(burst.key[i], burst.hash[i]);
        std::uint32_t sides = 0;
        if (id != flow::kNone && frame.is_tcp() && (frame.tcp_flags & packet::kTcpSyn) != 0) {
            flow::Flow& old = context.flows.at(id);
            const bool replaced = is_replaced(Packet(context, i), old);
            // Packets before it may still change that. Once for each burst is enough: an attacker
            // could fill a burst with SYNs.
            if ((replaced || !burst.again) && postpone(burst, i, id)) {
                return;
            }
            if (replaced) {
                sides = old.flags & flow::Flow::ends;
                close_flow(context, old,
                           old.has(flow::Flow::reset_seen) ? event::EndReason::reset
                                                           : event::EndReason::closed);
                context.flows.erase(id);
                id = flow::kNone;
            }
        }
        if (id == flow::kNone) {
            id = open_flow(context, burst, i, sides);
            if (id == flow::kNone) {
                burst.untracked_drop[i] = context.options.flows.drop_when_full;
                continue;
            }
        }
        flow::Flow& flow = context.flows.at(id);
        const flow::Direction direction = flow.direction(burst.sender_is_low[i]);
        burst.flow[i] = id;
        burst.direction[i] = direction;
        if (context.options.capture.offloaded && frame.has_ports() && !frame.is_fragment()) {
            note_offload(Packet(context, i));
        }
        count(context, flow, direction, burst.bytes_of(i));
        if (!frame.is_tcp() && flow.packets[0] != 0 && flow.packets[1] != 0) {
            flow.state = flow::FlowState::established;
        }
    }
}

}  // namespace minerwall::path

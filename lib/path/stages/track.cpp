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
        const Packet packet(context, i);
        if (has_key(packet.frame())) {
            packet.make_key();
            context.flows.prefetch(packet.hash());
        } else {
            packet.make_no_key();
        }
    }
}

// Ends the flow that is cheapest to lose, for a new flow of this source. False: that is the new
// one. i: the packet's place in the burst; flows of packets before it have to stay.
bool make_room(Context& context, std::uint64_t hash, flow::SourceId source, unsigned i) noexcept {
    const auto begin = context.burst.flow.begin();
    const auto is_busy = [&](std::uint32_t id) {
        return std::find(begin, begin + i, id) != begin + i;
    };
    const std::uint32_t id = context.flows.victim(hash, context.now, source, is_busy);
    if (id == flow::kNone) {
        return false;
    }
    flow::Flow& flow = context.flows.at(id);
    static_assert(flow::kWorths == std::tuple_size_v<decltype(WorkerCounters::flows_evicted)>);
    context.counters.flows_evicted[static_cast<unsigned>(flow::worth_of(flow))].add();
    close_flow(context, flow, event::EndReason::evicted);
    context.flows.erase(id);
    return true;
}

// sides: what we know about where its ends live, bits of flow::Flow::ends.
std::uint32_t open_flow(Packet packet, std::uint32_t sides, unsigned i) noexcept {
    Context& context = packet.context();
    const flow::SourceId source = context.flows.source_of(packet.frame().src);
    std::uint32_t id = context.flows.insert(packet.key(), packet.hash(), context.now, source);
    if (id == flow::kNone && make_room(context, packet.hash(), source, i)) {
        id = context.flows.insert(packet.key(), packet.hash(), context.now, source);
    }
    if (id == flow::kNone) {
        context.counters.flow_table_full.add();
        return id;
    }
    context.counters.flows_created.add();
    context.counters.flows_active.set(context.flows.size());
    flow::Flow& flow = context.flows.at(id);
    flow.flags |= sides;
    if (tcp::sender_is_client(packet.frame()) == packet.sender_is_low()) {
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

// Ends flow `old`, whose ports a new connection uses.
void end_replaced(Context& context, flow::Flow& old, std::uint32_t id) noexcept {
    close_flow(
        context, old,
        old.has(flow::Flow::reset_seen) ? event::EndReason::reset : event::EndReason::closed);
    context.flows.erase(id);
}

void count(Packet packet, flow::Flow& flow, flow::Direction direction) noexcept {
    flow::FlowTable& flows = packet.context().flows;
    flows.touch(flow, packet.context().now);
    flows.count(flow, direction, packet.bytes()->pkt_len);
}

// Joins the packet to its flow.
void join(Packet packet, std::uint32_t id) noexcept {
    Context& context = packet.context();
    const packet::Frame& frame = packet.frame();
    flow::Flow& flow = context.flows.at(id);
    const flow::Direction direction = flow.direction(packet.sender_is_low());
    packet.set_flow(id, direction);
    if (context.ports.offloaded && frame.has_ports() && !frame.is_fragment()) {
        note_offload(packet);
    }
    count(packet, flow, direction);
    if (!frame.is_tcp() && flow.packets[0] != 0 && flow.packets[1] != 0) {
        flow.state = flow::FlowState::established;
    }
}

}  // namespace

void track(Context& context, Burst& burst) noexcept {
    key_and_hash(context, burst);
    if (context.options.workers > 1) {
        hand_over(context, burst);
    }
    for (unsigned i = 0; i < burst.count; ++i) {
        const Packet packet(context, i);
        if (packet.is_keyed()) {
            context.flows.prefetch_flow(packet.hash(), packet.key().is_wide());
        }
    }
    for (unsigned i = 0; i < burst.count; ++i) {
        const Packet packet(context, i);
        if (!packet.is_keyed()) {
            context.counters.untracked_packets.add();
            continue;
        }
        const packet::Frame& frame = packet.frame();
        if (frame.is_tunnelled()) {
            context.counters.tunnelled_packets.add();
        }
        std::uint32_t id = context.flows.find(packet.key(), packet.hash());
        std::uint32_t sides = 0;
        if (id != flow::kNone && frame.is_tcp() && (frame.tcp_flags & packet::kTcpSyn) != 0) {
            flow::Flow& old = context.flows.at(id);
            const bool replaced = is_replaced(packet, old);
            // Packets before it may still change that. Once for each burst is enough: an attacker
            // could fill a burst with SYNs.
            if ((replaced || !burst.again) && postpone(burst, i, id)) {
                return;
            }
            if (replaced) {
                sides = old.flags & flow::Flow::ends;
                end_replaced(context, old, id);
                id = flow::kNone;
            }
        }
        if (id == flow::kNone) {
            id = open_flow(packet, sides, i);
            if (id == flow::kNone) {
                packet.set_untracked_drop(context.options.flows.drop_when_full);
                continue;
            }
        }
        join(packet, id);
    }
}

}  // namespace minerwall::path

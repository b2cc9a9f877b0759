#include <bit>

#include "path/lifetime.hpp"
#include "path/stages/stages.hpp"
#include "path/verdict/judge.hpp"
#include "path/verdict/judge_alone.hpp"
#include "path/verdict/news.hpp"

namespace minerwall::path {
namespace {

// The most resets for one connection that is cut: enough to end both stacks, too few for a
// reflection attack.
constexpr std::uint8_t kMaxResets = 15;

RuleMode mode_of(const flow::Flow& flow) noexcept {
    return flow.has(flow::Flow::enforced) ? RuleMode::enforces : RuleMode::observes;
}

// Whether an end sent packets of this flow from its own end of the wire. If not, a reset would go
// to a host that knows nothing of the connection.
bool took_part(Packet packet, const flow::Flow& flow, bool sender) noexcept {
    using flow::Flow;
    const bool low = sender == packet.sender_is_low();
    if (flow.packets[index(flow.direction(low))] == 0) {
        return false;
    }
    const bool at_second = sender == packet.at_second_end();
    const std::uint32_t place = low ? (at_second ? Flow::low_at_second : Flow::low_at_first)
                                    : (at_second ? Flow::high_at_second : Flow::high_at_first);
    return packet.context().ports.ends_unknown || (flow.flags & place) != 0;
}

// Plans the resets for a packet of a flow whose verdict is reset. RFC 9293, 3.10.7 and RFC 5961,
// 3.2: a receiver obeys only the exact next sequence number. Plans none if the flow is only
// observed.
void plan_reset(Packet packet, flow::Flow& flow) noexcept {
    if (!packet.refuse(Disposition::reset, Reason::policy_reset, mode_of(flow))) {
        return;
    }
    const packet::Frame& frame = packet.frame();
    ResetPlan& plan = packet.reset_plan();
    plan.reset_sender = plan.reset_receiver = false;
    if (!frame.is_tcp() || (frame.tcp_flags & packet::kTcpRst) != 0 ||
        flow.resets_sent >= kMaxResets) {
        return;
    }
    const bool acks = (frame.tcp_flags & packet::kTcpAck) != 0;
    const std::uint32_t length = frame.payload_length +
                                 ((frame.tcp_flags & packet::kTcpSyn) != 0 ? 1u : 0u) +
                                 ((frame.tcp_flags & packet::kTcpFin) != 0 ? 1u : 0u);
    Context& context = packet.context();
    if (context.options.limited &&
        !context.limits.resets.take(context.flows.details(flow).source, context.now)) {
        context.counters.resets_suppressed.add();
        return;
    }
    plan.reset_sender = took_part(packet, flow, true);
    plan.to_sender_seq = acks ? frame.tcp_ack : 0;
    plan.to_sender_ack = frame.tcp_seq + length;
    // The other end gets one reset, and only if it has a connection. A lone SYN never reached it.
    const bool lone_syn = !acks && (frame.tcp_flags & packet::kTcpSyn) != 0;
    if (flow.resets_sent == 0 && !lone_syn) {
        plan.reset_receiver = took_part(packet, flow, false);
        plan.to_receiver_seq = packet.expected();
        // The receiver still waits for the bytes that were dropped.
        const flow::Direction direction = packet.direction_now();
        flow.next_sequence[index(direction)] = packet.expected();
    }
    if (!plan.reset_sender) {
        context.counters.resets_suppressed.add();
    }
    ++flow.resets_sent;
}

bool is_cut(Packet packet, const flow::Flow& flow) noexcept {
    return blocks(flow.verdict) && may_drop(packet.mode(), mode_of(flow), Reason::policy_drop);
}

void apply_verdict(Packet packet, flow::Flow& flow) noexcept {
    if (!blocks(flow.verdict)) {
        return;
    }
    if (is_cut(packet, flow)) {
        forget_inspection(packet.context(), flow);
    }
    if (flow.verdict == Action::reset) {
        plan_reset(packet, flow);
    } else {
        packet.drop(Reason::policy_drop, mode_of(flow));
    }
}

void count_unreadable(Context& context, UnreadableSet kinds) noexcept {
    for (unsigned left = kinds; left != 0; left &= left - 1) {
        context.counters.unreadable[static_cast<unsigned>(std::countr_zero(left))].add();
    }
}

bool is_refused(Packet packet) noexcept {
    return !packet.is_forwarded() &&
           (packet.reason() == Reason::policy_drop || packet.reason() == Reason::policy_reset);
}

// We cannot take a DNS message out of a TCP stream, so the connection ends. The resolver then asks
// elsewhere, and that question is judged as well.
void cut_dns_connection(Packet packet, flow::Flow& flow) noexcept {
    const bool silent = packet.reason() == Reason::policy_drop;
    flow.verdict = silent ? Action::drop : Action::reset;
    flow.set(flow::Flow::enforced);
    forget_inspection(packet.context(), flow);
    if (!silent) {
        plan_reset(packet, flow);
    }
}

}  // namespace

void decide(Context& context, Burst& burst) noexcept {
    const std::uint32_t epoch = context.rules->epoch();
    for (unsigned i = 0; i < burst.count; ++i) {
        const Packet packet(context, i);
        if (!packet.has_flow()) {
            if (packet.is_untracked_drop()) {
                packet.drop(Reason::flow_table_full);
            }
            const UnreadableSet unreadable = packet.frame().unreadable;
            if (unreadable != 0) [[unlikely]] {
                count_unreadable(context, unreadable);
            }
            if (packet.frame().is_ip() || unreadable != 0) {
                judge_stateless(packet);  // a rule's reason counts before that of the table
            }
            if (packet.is_forwarded()) {
                judge_alone(packet);
            }
            continue;
        }
        flow::Flow& flow = packet.flow();
        const UnreadableSet unreadable = unreadable_in(packet);
        if (!flow.judged_under(epoch) || packet.has_news()) {
            judge_flow(packet);
        }
        apply_verdict(packet, flow);
        if (unreadable != 0) [[unlikely]] {
            count_unreadable(context, unreadable);
            const auto own = static_cast<UnreadableSet>(unreadable & ~kUnreadableStreams);
            if (own != 0 && packet.is_forwarded()) {
                judge_unreadable(packet, own);
            }
        }
        // A dropped segment may have filled a hole. The bytes behind the hole are judged
        // nevertheless.
        const bool tcp = packet.frame().is_tcp();
        const bool open = packet.is_forwarded() || (tcp && !is_cut(packet, flow));
        if (open && packet.has_news() && packet.evidence().has_dns) {
            judge_dns(packet);
            if (tcp && is_refused(packet)) {
                cut_dns_connection(packet, flow);
            }
        }
        if (!packet.is_forwarded()) {
            context.flows.count_drop(flow);
        }
    }
}

}  // namespace minerwall::path

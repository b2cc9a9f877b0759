#include "path/stages/stages.hpp"
#include "path/verdict/judge.hpp"

namespace minerwall::path {
namespace {

// A connection that is cut is answered this often at most: enough to end both stacks, too little
// to be used as a reflector.
constexpr std::uint8_t kMaxResets = 15;

// Resets for packet i of a flow whose verdict is reset (RFC 9293, 3.10.7; RFC 5961, 3.2: only the
// exact next sequence number is obeyed).
void plan_reset(Burst& burst, unsigned i, flow::Flow& flow) noexcept {
    const packet::Frame& frame = burst.frame[i];
    Answer& answer = burst.answer[i];
    burst.fate[i] = Fate::reset;
    burst.reason[i] = Reason::policy_reset;
    answer.reset_sender = answer.reset_receiver = false;
    if (!frame.is_tcp() || (frame.tcp_flags & packet::kTcpRst) != 0 ||
        flow.resets_sent >= kMaxResets) {
        return;
    }
    const bool acks = (frame.tcp_flags & packet::kTcpAck) != 0;
    const std::uint32_t length = frame.payload_length +
                                 ((frame.tcp_flags & packet::kTcpSyn) != 0 ? 1u : 0u) +
                                 ((frame.tcp_flags & packet::kTcpFin) != 0 ? 1u : 0u);
    answer.reset_sender = true;
    answer.to_sender_seq = acks ? frame.tcp_ack : 0;
    answer.to_sender_ack = frame.tcp_seq + length;
    // The other end: once, and only where it has a connection to lose. A lone SYN never reached it.
    const bool lone_syn = !acks && (frame.tcp_flags & packet::kTcpSyn) != 0;
    if (flow.resets_sent == 0 && !lone_syn) {
        answer.reset_receiver = true;
        answer.to_receiver_seq = burst.expected[i];
        // What was dropped never arrived: the receiver still waits for it.
        const flow::Direction direction = flow.direction(burst.sender_is_low[i]);
        flow.next_sequence[index(direction)] = burst.expected[i];
    }
    ++flow.resets_sent;
}

bool is_cut(const flow::Flow& flow) noexcept {
    return flow.has(flow::Flow::enforced) && blocks(flow.verdict);
}

void apply_verdict(Context& context, Burst& burst, unsigned i, flow::Flow& flow) noexcept {
    if (!is_cut(flow)) {
        return;
    }
    forget_inspection(context, flow);
    if (flow.verdict == Action::reset) {
        plan_reset(burst, i, flow);
    } else {
        burst.fate[i] = Fate::drop;
        burst.reason[i] = Reason::policy_drop;
    }
}

// A DNS message in a TCP stream cannot be taken out of it: its connection ends. A resolver that
// goes on without it asks elsewhere, and that question is judged as well.
void cut_dns_connection(Context& context, Burst& burst, unsigned i, flow::Flow& flow) noexcept {
    const bool silent = burst.reason[i] == Reason::policy_drop;
    flow.verdict = silent ? Action::drop : Action::reset;
    flow.set(flow::Flow::enforced);
    forget_inspection(context, flow);
    if (!silent) {
        plan_reset(burst, i, flow);
    }
}

}  // namespace

void decide(Context& context, Burst& burst) noexcept {
    const std::uint32_t epoch = context.rules->epoch();
    for (unsigned i = 0; i < burst.count; ++i) {
        if (burst.flow[i] == flow::kNone) {
            if (burst.frame[i].is_ip() && judge_stateless(context, burst, i)) {
                burst.fate[i] = Fate::drop;
                burst.reason[i] = Reason::policy_drop;
            } else if (burst.untracked_drop[i]) {
                burst.fate[i] = Fate::drop;
                burst.reason[i] = Reason::flow_table_full;
            }
            continue;
        }
        flow::Flow& flow = context.flows.at(burst.flow[i]);
        if (!flow.judged_under(epoch) || burst.news[i]) {
            judge_flow(context, burst, i, flow);
        }
        apply_verdict(context, burst, i, flow);
        // A segment that is dropped may have brought messages to be read all the same.
        const bool tcp = burst.frame[i].is_tcp();
        const bool open = burst.fate[i] == Fate::forward || (tcp && !is_cut(flow));
        if (open && burst.news[i] && burst.evidence[i].has_dns) {
            judge_dns(context, burst, i, flow);
            const bool refused =
                burst.fate[i] != Fate::forward &&
                (burst.reason[i] == Reason::policy_drop || burst.reason[i] == Reason::policy_reset);
            if (tcp && refused) {
                cut_dns_connection(context, burst, i, flow);
            }
        }
        if (burst.fate[i] != Fate::forward && flow.dropped != UINT16_MAX) {
            ++flow.dropped;
        }
    }
}

}  // namespace minerwall::path

#include "path/lifetime.hpp"

#include "path/report/admit.hpp"
#include "path/report/flow_end.hpp"
#include "path/report/shedding.hpp"

namespace minerwall::path {

void forget_inspection(Context& context, flow::Flow& flow) noexcept {
    if (flow.key.ip_proto == packet::kProtoUdp) {
        context.udp.forget(flow);
    } else {
        context.inspector.forget(flow);
    }
}

void close_flow(Context& context, flow::Flow& flow, event::EndReason reason) noexcept {
    if (context.options.events.flows && admit_flow_end(context, flow)) {
        report_flow_end(context, flow, reason);
    }
    forget_inspection(context, flow);
    flow::FlowDetails& details = context.flows.details(flow);
    if (details.name != flow::kNone) {
        context.names.give_back(details.name);
        context.name_shares.give_back(details.source);
        details.name = flow::kNone;
        flow.clear(flow::Flow::has_name);
    }
    if (details.finding != flow::kNone) {
        context.findings.give_back(details.finding);
        context.finding_shares.give_back(details.source);
        details.finding = flow::kNone;
        flow.clear(flow::Flow::has_finding);
    }
    context.counters.flows_ended.add();
}

void expire(Context& context) noexcept {
    constexpr unsigned kPerTurn = 64;
    context.learned.sweep(context.now, 1);
    const unsigned looked_at = context.flows.expire(context.now, kPerTurn, [&](std::uint32_t id) {
        flow::Flow& flow = context.flows.at(id);
        const event::EndReason reason = flow.has(flow::Flow::reset_seen) ? event::EndReason::reset
                                        : flow.state == flow::FlowState::closed
                                            ? event::EndReason::closed
                                            : event::EndReason::timeout;
        close_flow(context, flow, reason);
    });
    if (looked_at != 0) {
        context.counters.flows_active.set(context.flows.size());
    }
}

void expire_fragments(Context& context) noexcept {
    constexpr unsigned kPerTurn = 16;
    if (context.fragments.size() != 0) {
        context.counters.fragments_expired.add(context.fragments.expire(context.now, kPerTurn));
    }
}

bool end_flows(Context& context, std::size_t& cursor, unsigned budget,
               event::EndReason reason) noexcept {
    const bool more = context.flows.visit(cursor, budget, [&](std::uint32_t id) {
        close_flow(context, context.flows.at(id), reason);
        context.flows.erase(id);
    });
    context.counters.flows_active.set(context.flows.size());
    return more;
}

void end_turn(Context& context, bool idle) noexcept {
    if (context.effort.turn(context.now, idle)) {
        report_shedding(context);
    }
}

}  // namespace minerwall::path

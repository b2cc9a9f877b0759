#include "path/verdict/adopt.hpp"

#include "inspect/mining_notes.hpp"
#include "path/lifetime.hpp"
#include "path/verdict/kept.hpp"

namespace minerwall::path {
namespace {

// Stores what the message tells by which the flow was recognised.
void adopt_mining(Packet packet, const inspect::Evidence& evidence) noexcept {
    flow::Flow& flow = packet.flow();
    const bool from_client = packet.direction_now() == flow::Direction::to_server;
    // A getwork pool may name another pool in the head of its answer (X-Stratum).
    const bool answer_tells =
        flow.has(flow::Flow::started) && from_client && evidence.app == inspect::App::http;
    if (!answer_tells) {
        forget_inspection(packet.context(), flow);
        flow.set(flow::Flow::settled_0);
        flow.set(flow::Flow::settled_1);
    }
    // Midway, the roles were a guess; the message says who speaks.
    if (!flow.has(flow::Flow::started) && evidence.mining.speaker != Speaker::unknown &&
        from_client != (evidence.mining.speaker == Speaker::miner)) {
        flow.swap_roles();
    }
}

}  // namespace

void adopt_news(Packet packet, const News& news) noexcept {
    Context& context = packet.context();
    flow::Flow& flow = packet.flow();
    if (news.unreadable != 0) {
        keep_unreadable(context, flow, news.unreadable);
    }
    if (news.evidence == nullptr) {
        return;
    }
    const inspect::Evidence& evidence = *news.evidence;
    if (evidence.has_hello) {
        keep_hello(context, flow, evidence);
    }
    if (news.more) {
        if (flow.has(flow::Flow::has_finding)) {
            inspect::fill_in(context.findings.at(context.flows.details(flow).finding).mining,
                             evidence.mining);
        }
    } else if (news.coin_node) {
        flow.set(flow::Flow::coin_node);
        context.counters.detections_by_dialect[static_cast<unsigned>(evidence.mining.dialect)]
            .add();
    } else if (news.mines) {
        adopt_mining(packet, evidence);
    }
}

void adopt_decision(Context& context, flow::Flow& flow, const policy::Decision& decision) noexcept {
    const bool same_rule = flow.judged_under(context.rules->epoch()) && flow.rule == decision.rule;
    flow.set(flow::Flow::judged);
    flow.epoch = static_cast<std::uint16_t>(context.rules->epoch());
    flow.rule = decision.rule;
    flow.verdict = decision.action;
    decision.observe_only ? flow.clear(flow::Flow::enforced) : flow.set(flow::Flow::enforced);
    if (!same_rule) {
        count_rule(context, decision);
    }
}

void count_rule(Context& context, const policy::Decision& decision) noexcept {
    if (decision.rule != policy::kNoRule) {
        context.counters.verdicts_by_rule[context.rules->rule(decision.rule).counter_slot].add();
    }
}

}  // namespace minerwall::path

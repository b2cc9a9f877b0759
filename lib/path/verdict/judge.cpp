#include "path/verdict/judge.hpp"

#include "path/report/detection.hpp"
#include "path/verdict/adopt.hpp"
#include "path/verdict/adopt_finding.hpp"
#include "path/verdict/ask.hpp"
#include "path/verdict/facts.hpp"
#include "path/verdict/kept.hpp"
#include "path/verdict/learn.hpp"
#include "path/work.hpp"

namespace minerwall::path {

void judge_flow(Packet packet) noexcept {
    Context& context = packet.context();
    const Meter meter(context.effort, taker_of(packet));
    flow::Flow& flow = packet.flow();
    const News news = news_of(packet);
    adopt_news(packet, news);
    if (news.more) {
        learn_from_mining(packet, news.evidence->mining, news.evidence->browser);
    }
    if (!news.any) {
        return;
    }

    const flow::Ends ends = context.flows.ends(flow);
    policy::Facts facts = facts_of(context, flow, ends);
    if (news.mines || news.coin_node) {
        facts.app = news.evidence->mining.dialect;
    }
    flow::Learned learned;
    policy::Decision decision;
    if (news.named) {
        std::string_view name;
        decision = ask_by_names(context, facts, *news.evidence, name, learned);
        facts.server_name = name;
        keep_name(context, flow, news.evidence->name_source, name);
    } else {
        decision = ask_by_name(context, facts, facts.server_name, 0, learned);
    }
    packet::TunnelEnds tunnel;
    if (read_tunnel_ends(packet, tunnel)) {
        const bool by_client = packet.direction_now() == flow::Direction::to_server;
        decision = ask_by_tunnel(context, tunnel, by_client, facts, decision);
    }

    const Action before = flow.verdict;
    adopt_decision(context, flow, decision);
    const Finding* finding = adopt_finding(packet, news, facts.app, decision, before, learned);
    if (finding != nullptr) {
        report_detection(packet, *finding);
    }
    if (news.mines) {
        learn_from_mining(packet, news.evidence->mining, news.evidence->browser);
    }
}

namespace {

policy::Decision decide_stateless(Packet packet, UnreadableSet unreadable) noexcept {
    packet::TunnelEnds ends;
    const bool tunnelled = read_tunnel_ends(packet, ends);
    return ask_stateless(packet.context(), packet.frame(), unreadable, tunnelled ? &ends : nullptr);
}

}  // namespace

void judge_stateless(Packet packet) noexcept {
    const policy::Decision decision = decide_stateless(packet, packet.frame().unreadable);
    if (blocks(decision.action)) {
        packet.drop(Reason::policy_drop, mode_of(decision));
    }
}

void judge_unreadable(Packet packet, UnreadableSet kinds) noexcept {
    const policy::Decision decision = decide_stateless(packet, kinds);
    if (decision.why != policy::Condition::unreadable) {
        return;
    }
    count_rule(packet.context(), decision);
    if (blocks(decision.action)) {
        packet.drop(Reason::policy_drop, mode_of(decision));
    }
}

}  // namespace minerwall::path

#include "path/report/detection.hpp"
#include "path/report/sinkhole.hpp"
#include "path/verdict/adopt.hpp"
#include "path/verdict/adopt_finding.hpp"
#include "path/verdict/ask.hpp"
#include "path/verdict/facts.hpp"
#include "path/verdict/judge.hpp"
#include "path/verdict/learn.hpp"

namespace minerwall::path {
namespace {

void sinkhole(Packet packet, const policy::Decision& decision, const Finding& finding) noexcept {
    const std::uint16_t rule = decision.rule;
    if (!packet.refuse(Disposition::sinkhole, Reason::policy_sinkhole, mode_of(decision))) {
        return;
    }
    packet.sinkhole_rule() = rule;
    // Only a query gets a sinkhole answer. A response (its query passed under an older policy) is
    // dropped: the client asks again, and we answer that query.
    if (packet.evidence().question.response) {
        return;
    }
    constexpr std::uint8_t kNxDomain = 3;  // RFC 1035, 4.1.1
    const policy::SinkholeAnswer& answer = packet.context().rules->rule(rule).answer;
    const bool nxdomain = answer.kind == policy::SinkholeAnswer::Kind::nxdomain;
    report_sinkhole(packet, finding, nxdomain ? kNxDomain : std::uint8_t{0});
}

}  // namespace

void judge_dns(Packet packet) noexcept {
    Context& context = packet.context();
    const flow::Flow& flow = packet.flow();
    const flow::Ends ends = context.flows.ends(flow);
    std::string_view name;
    policy::Decision decision =
        ask_by_dns_names(context, facts_of(context, flow, ends), packet.evidence(), name);
    const bool matched = decision.rule != policy::kNoRule;
    // The client never sees a dropped message, so nothing is learned from it.
    const bool blocked = matched && blocks(decision.action);
    const bool swallowed =
        blocked && may_drop(packet.mode(), mode_of(decision), Reason::policy_drop);
    if (!swallowed) {
        learn_from_dns(packet);
    }
    if (!matched) {
        return;
    }
    count_rule(context, decision);
    // We cannot insert an answer into a TCP stream, so we cut the connection.
    if (decision.action == Action::sinkhole && packet.frame().is_tcp()) {
        decision.action = Action::reset;
    }
    if (decision.action == Action::allow) {
        return;
    }
    const Finding& finding = adopt_dns_finding(packet, decision, name);
    report_detection(packet, finding);

    if (!blocked) {
        return;
    }
    if (decision.action == Action::sinkhole) {
        sinkhole(packet, decision, finding);
    } else {
        packet.drop(decision.action == Action::reset ? Reason::policy_reset : Reason::policy_drop,
                    mode_of(decision));
    }
}

}  // namespace minerwall::path

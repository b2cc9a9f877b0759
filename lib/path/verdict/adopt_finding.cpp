#include "path/verdict/adopt_finding.hpp"

#include "path/report/describe.hpp"
#include "path/verdict/kept.hpp"

namespace minerwall::path {
namespace {

void count_recognition(Context& context, const policy::Decision& decision,
                       const inspect::Evidence* evidence) noexcept {
    if (evidence != nullptr && evidence->has_mining) {
        const auto dialect = static_cast<unsigned>(evidence->mining.dialect);
        context.counters.detections_by_dialect[dialect].add();
        return;
    }
    switch (evidence_of(decision)) {
        case EvidenceKind::learned:
            context.counters.detections_by_learned.add();
            break;
        case EvidenceKind::name:
            context.counters.detections_by_name.add();
            break;
        case EvidenceKind::address:
            context.counters.detections_by_address.add();
            break;
        default:
            break;
    }
}

// For a flow that matched ports or addresses outside mining lists: reported once, without a record.
const Finding& passing_finding(Packet packet, const News& news,
                               const policy::Decision& decision) noexcept {
    Finding& spare = packet.context().spare;
    spare = Finding{};
    spare.action = decision.action;
    spare.enforced = !decision.observe_only;
    spare.has_match = true;
    if (news.evidence != nullptr && news.evidence->has_mining) {  // which coin's node
        spare.has_mining = true;
        spare.mining = news.evidence->mining;
    }
    describe(*packet.context().rules, decision, false, spare.match);
    return spare;
}

// For a flow that was recognised as mining.
const Finding& kept_finding(Packet packet, const News& news, const policy::Decision& decision,
                            const flow::Learned& learned) noexcept {
    Context& context = packet.context();
    flow::Flow& flow = packet.flow();
    Finding& finding = finding_of(context, flow);
    if (news.mines) {
        finding.mining = news.evidence->mining;
        finding.has_mining = true;
    }
    describe(*context.rules, decision, finding.has_mining, finding.match);
    finding.has_match = true;
    finding.action = decision.action;
    finding.enforced = !decision.observe_only;
    if (evidence_of(decision) == EvidenceKind::learned) {
        finding.match.list.assign("learned");
        finding.match.list_entry.assign(learned.name.view().substr(0, learned.name.capacity()));
    }
    if (!flow.has(flow::Flow::mining) || news.mines) {
        count_recognition(context, decision, news.mines ? news.evidence : nullptr);
    }
    flow.set(flow::Flow::mining);
    return finding;
}

}  // namespace

const Finding* adopt_finding(Packet packet, const News& news, Dialect app,
                             const policy::Decision& decision, Action before,
                             const flow::Learned& learned) noexcept {
    flow::Flow& flow = packet.flow();
    const bool recognised = news.mines || is_mining(app) || decision.by_name || decision.by_address;
    const bool reportable =
        recognised || (decision.action != Action::allow && decision.rule != policy::kNoRule);
    if (!reportable) {
        return nullptr;
    }
    // A flow is reported when it is recognised, and again only when its verdict changes. A rule of
    // a new policy that would report it again stays silent.
    const bool first = !flow.has(flow::Flow::alerted) ||
                       (recognised && !flow.has(flow::Flow::mining)) || decision.action != before;
    const bool reported = first || news.mines;
    const Finding* finding = nullptr;
    if (recognised) {
        finding = &kept_finding(packet, news, decision, learned);
    } else if (reported) {
        finding = &passing_finding(packet, news, decision);
    }
    if (!reported) {
        return nullptr;
    }
    flow.set(flow::Flow::alerted);
    return finding;
}

const Finding& adopt_dns_finding(Packet packet, const policy::Decision& decision,
                                 std::string_view name) noexcept {
    Context& context = packet.context();
    flow::Flow& flow = packet.flow();
    const proto::DnsQuestion& question = packet.evidence().question;
    Finding& finding = finding_of(context, flow);
    finding.has_match = true;
    describe(*context.rules, decision, false, finding.match);
    finding.action = decision.action;
    finding.enforced = !decision.observe_only;
    finding.has_name = true;
    finding.name.clear();
    finding.name.kind = event::NameKind::dns;
    finding.name.dns_answer = question.response;
    finding.name.dns_id = question.id;
    finding.name.dns_type = question.type;
    finding.name.text.assign(name);
    if (decision.by_name) {
        context.counters.detections_by_name.add();
        flow.set(flow::Flow::mining);
    }
    flow.set(flow::Flow::alerted);
    return finding;
}

}  // namespace minerwall::path

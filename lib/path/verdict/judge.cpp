#include "path/verdict/judge.hpp"

#include "inspect/mining_notes.hpp"
#include "path/report/describe.hpp"
#include "path/report/detection.hpp"
#include "path/report/sinkhole.hpp"
#include "path/stages/stages.hpp"
#include "path/verdict/judge_tunnel.hpp"
#include "path/verdict/learn.hpp"

namespace minerwall::path {
namespace {

policy::Facts facts_of(const Context& context, const flow::Flow& flow) noexcept {
    policy::Facts facts;
    facts.client = &flow.client();
    facts.server = &flow.server();
    facts.client_port = flow.client_port();
    facts.server_port = flow.server_port();
    facts.ip_proto = flow.key.ip_proto;
    facts.vlan = flow.key.vlan;
    if (flow.name != flow::kNone) {
        facts.server_name = context.names.at(flow.name).text.view();
    }
    if (flow.finding != flow::kNone && context.findings.at(flow.finding).has_mining) {
        facts.app = context.findings.at(flow.finding).mining.dialect;
    } else if (flow.has(flow::Flow::coin_node)) {
        facts.app = Dialect::coin_p2p;
    }
    return facts;
}

// The flow's finding, made where there is none; where no record is free, the spare one: what is
// reported is whole, it is only not kept for the flow's end.
Finding& finding_of(Context& context, flow::Flow& flow) noexcept {
    if (flow.finding == flow::kNone) {
        flow.finding = context.findings.take();
        Finding& finding =
            flow.finding == flow::kNone ? context.spare : context.findings.at(flow.finding);
        finding.has_mining = finding.has_match = finding.has_name = false;
        finding.action = Action::allow;
        finding.enforced = true;
        return finding;
    }
    return context.findings.at(flow.finding);
}

// Another request to the same host is no news.
bool is_news(const Context& context, const flow::Flow& flow,
             const inspect::Evidence& evidence) noexcept {
    return evidence.names.count() != 1 || flow.name == flow::kNone ||
           !evidence.names.contains(context.names.at(flow.name).text.view());
}

// The flow's name record, made where there is none; null where no record is free: the name is
// judged now and forgotten.
ServerName* name_of(Context& context, flow::Flow& flow) noexcept {
    if (flow.name == flow::kNone) {
        flow.name = context.names.take();
        if (flow.name == flow::kNone) {
            return nullptr;
        }
        ServerName& name = context.names.at(flow.name);
        name.source = inspect::NameSource::none;
        name.ech = false;
        name.text.clear();
        name.ja4.clear();
    }
    return &context.names.at(flow.name);
}

// Keeps the name for the flow's life, so that a new policy can judge it.
void keep_name(Context& context, flow::Flow& flow, inspect::NameSource source,
               std::string_view text) noexcept {
    if (ServerName* name = name_of(context, flow)) {
        name->source = source;
        name->text.assign(text);
    }
}

void keep_hello(Context& context, flow::Flow& flow, const inspect::Evidence& evidence) noexcept {
    if (ServerName* name = name_of(context, flow)) {
        // A proxy's target that the hello names as well is told as the hello's.
        if (name->source == inspect::NameSource::none ||
            evidence.name_source != inspect::NameSource::none) {
            name->source = evidence.app == inspect::App::quic ? inspect::NameSource::quic_sni
                                                              : inspect::NameSource::sni;
        }
        name->ech = evidence.ech;
        name->ja4 = evidence.ja4;
    }
}

policy::Decision decide_flow(Context& context, const flow::Flow& flow, policy::Facts facts,
                             flow::Learned& learned) noexcept {
    facts.learned =
        context.rules->needs_learned() && find_learned(context, flow, facts.server_name, learned);
    return context.rules->decide(facts, context.options.worker);
}

// The rule that stands first in the policy decides.
void take_first(policy::Decision& decision, const policy::Decision& other) noexcept {
    if (other.rule < decision.rule) {
        decision = other;
    }
}

// By a name, or by what stands for one: a client that gives a proxy an address means the server
// there, whatever the connection's own server is.
policy::Decision decide_by_name(Context& context, const flow::Flow& flow, policy::Facts facts,
                                std::string_view name, std::uint16_t target_port,
                                flow::Learned& learned) noexcept {
    facts.server_name = name;
    policy::Decision decision = decide_flow(context, flow, facts, learned);
    IpAddress target;
    if (read_address(name, target) && (target != flow.server() || target_port != 0)) {
        facts.server = &target;
        facts.server_port = target_port != 0 ? target_port : facts.server_port;
        take_first(decision, context.rules->decide(facts, context.options.worker));
    }
    return decision;
}

// Each name of the packet is judged.
policy::Decision decide_by_names(Context& context, flow::Flow& flow, policy::Facts& facts,
                                 const inspect::Evidence& evidence,
                                 flow::Learned& learned) noexcept {
    policy::Decision decision;
    std::string_view decided_by;
    evidence.names.for_each([&](std::string_view name) {
        flow::Learned found;
        const policy::Decision one =
            decide_by_name(context, flow, facts, name, evidence.target_port, found);
        if (decided_by.empty() || one.rule < decision.rule) {
            decision = one;
            decided_by = name;
            learned = found;
        }
    });
    facts.server_name = decided_by;
    keep_name(context, flow, evidence.name_source, decided_by);
    return decision;
}

void count_recognition(Context& context, const policy::Decision& decision,
                       const inspect::Evidence* evidence) noexcept {
    if (evidence != nullptr && evidence->has_mining) {
        const auto dialect = static_cast<unsigned>(evidence->mining.dialect);
        context.counters.detections_by_dialect[dialect].add();
    } else if (decision.why == policy::Condition::learned) {
        context.counters.detections_by_learned.add();
    } else if (decision.by_name) {
        context.counters.detections_by_name.add();
    } else if (decision.by_address) {
        context.counters.detections_by_address.add();
    }
}

void count_rule(Context& context, const policy::Decision& decision) noexcept {
    if (decision.rule != policy::kNoRule) {
        context.counters.verdicts_by_rule[context.rules->rule(decision.rule).counter_slot].add();
    }
}

}  // namespace

void judge_flow(Context& context, Burst& burst, unsigned i, flow::Flow& flow) noexcept {
    const inspect::Evidence* evidence = burst.news[i] ? &burst.evidence[i] : nullptr;
    bool news = !flow.judged_under(context.rules->epoch());
    const bool named = evidence != nullptr && evidence->name_source != inspect::NameSource::none;
    news = news || (named && is_news(context, flow, *evidence));
    if (evidence != nullptr && evidence->has_hello) {
        keep_hello(context, flow, *evidence);
    }
    const bool mined =
        evidence != nullptr && evidence->has_mining && is_mining(evidence->mining.dialect);
    // Of several messages of one burst, read before the first was judged, that one decides.
    const bool more =
        mined && flow.finding != flow::kNone && context.findings.at(flow.finding).has_mining;
    if (more) {
        inspect::fill_in(context.findings.at(flow.finding).mining, evidence->mining);
        learn_from_mining(context, burst, i, flow, evidence->mining, evidence->browser);
    }
    const bool payload_now = mined && !more;
    if (evidence != nullptr && evidence->has_mining && !mined) {
        news = true;
        flow.set(flow::Flow::coin_node);
        context.counters.detections_by_dialect[static_cast<unsigned>(evidence->mining.dialect)]
            .add();
    }
    if (payload_now) {
        news = true;
        const bool from_client =
            flow.direction(burst.sender_is_low[i]) == flow::Direction::to_server;
        // A getwork miner may be told of another pool by the head of its answer (X-Stratum).
        const bool answer_tells =
            flow.has(flow::Flow::started) && from_client && evidence->app == inspect::App::http;
        if (!answer_tells) {
            forget_inspection(context, flow);
            flow.set(flow::Flow::settled_0);
            flow.set(flow::Flow::settled_1);
        }
        // Mid-stream the roles were a guess; the message knows who speaks.
        if (!flow.has(flow::Flow::started) && evidence->mining.speaker != Speaker::unknown &&
            from_client != (evidence->mining.speaker == Speaker::miner)) {
            flow.swap_roles();
        }
    }
    if (!news) {
        return;
    }

    policy::Facts facts = facts_of(context, flow);
    if (evidence != nullptr && evidence->has_mining && !more) {
        facts.app = evidence->mining.dialect;
    }
    flow::Learned learned;
    const policy::Decision inside =
        named ? decide_by_names(context, flow, facts, *evidence, learned)
              : decide_by_name(context, flow, facts, facts.server_name, 0, learned);
    const bool by_client = flow.direction(burst.sender_is_low[i]) == flow::Direction::to_server;
    const policy::Decision decision =
        decide_with_tunnel(context, burst, i, by_client, facts, inside);

    const Action before = flow.verdict;
    const bool same_rule = flow.judged_under(context.rules->epoch()) && flow.rule == decision.rule;
    flow.set(flow::Flow::judged);
    flow.epoch = static_cast<std::uint16_t>(context.rules->epoch());
    flow.rule = decision.rule;
    flow.verdict = decision.action;
    decision.observe_only ? flow.clear(flow::Flow::enforced) : flow.set(flow::Flow::enforced);
    if (!same_rule) {
        count_rule(context, decision);
    }

    const bool recognised =
        payload_now || is_mining(facts.app) || decision.by_name || decision.by_address;
    const bool reportable =
        recognised || (decision.action != Action::allow && decision.rule != policy::kNoRule);
    if (!reportable) {
        return;
    }
    // A flow is reported when it is recognised, and again only when its verdict changes. A rule
    // that stays silent in a new policy's epoch was reported under the old one.
    const bool first = !flow.has(flow::Flow::alerted) ||
                       (recognised && !flow.has(flow::Flow::mining)) || decision.action != before;
    if (!recognised) {
        // Ports and addresses that are no mining list: told once, no record is kept for it.
        if (first) {
            Finding& spare = context.spare;
            spare = Finding{};
            spare.action = decision.action;
            spare.enforced = !decision.observe_only;
            spare.has_match = true;
            if (evidence != nullptr && evidence->has_mining) {  // which coin's node
                spare.has_mining = true;
                spare.mining = evidence->mining;
            }
            describe(*context.rules, decision, false, spare.match);
            flow.set(flow::Flow::alerted);
            report_detection(Packet(context, i), spare);
        }
        return;
    }

    Finding& finding = finding_of(context, flow);
    if (payload_now) {
        finding.mining = evidence->mining;
        finding.has_mining = true;
    }
    describe(*context.rules, decision, finding.has_mining, finding.match);
    finding.has_match = true;
    finding.action = decision.action;
    finding.enforced = !decision.observe_only;
    if (decision.why == policy::Condition::learned) {
        finding.match.list.assign("learned");
        finding.match.list_entry.assign(learned.name.view().substr(0, learned.name.capacity()));
    }
    if (!flow.has(flow::Flow::mining) || payload_now) {
        count_recognition(context, decision, payload_now ? evidence : nullptr);
    }
    flow.set(flow::Flow::mining);
    if (first || payload_now) {
        flow.set(flow::Flow::alerted);
        report_detection(Packet(context, i), finding);
    }
    if (payload_now) {
        learn_from_mining(context, burst, i, flow, evidence->mining, evidence->browser);
    }
}

bool has_matter(Context& context, const flow::Flow& flow,
                const inspect::Evidence& evidence) noexcept {
    if (evidence.has_mining || evidence.has_hello || evidence.address_count != 0) {
        return true;
    }
    const policy::Facts known = facts_of(context, flow);
    bool matter = false;
    evidence.dns_names.for_each([&](std::string_view name) {
        policy::Facts facts = known;
        facts.server_name = {};
        facts.dns_name = name;
        const policy::Decision one = context.rules->decide(facts, context.options.worker);
        matter = matter || one.why == policy::Condition::dns_name;
    });
    flow::Learned learned;
    const policy::Decision nameless = decide_by_name(context, flow, known, {}, 0, learned);
    evidence.names.for_each([&](std::string_view name) {
        const policy::Decision one =
            decide_by_name(context, flow, known, name, evidence.target_port, learned);
        matter = matter || one.rule != nameless.rule;
    });
    return matter;
}

bool judge_dns(Context& context, Burst& burst, unsigned i, flow::Flow& flow) noexcept {
    const inspect::Evidence& evidence = burst.evidence[i];
    const proto::DnsQuestion& question = evidence.question;
    policy::Facts facts = facts_of(context, flow);
    facts.server_name = {};
    // The name that was asked for, and those that an answer says are the same: the rule that stands
    // first in the policy decides.
    policy::Decision decision;
    std::string_view name;
    evidence.dns_names.for_each([&](std::string_view each) {
        facts.dns_name = each;
        const policy::Decision one = context.rules->decide(facts, context.options.worker);
        if (one.why == policy::Condition::dns_name && one.rule < decision.rule) {
            decision = one;
            name = each;
        }
    });
    // What the client will not get to see tells it nothing.
    const bool swallowed =
        decision.rule != policy::kNoRule && !decision.observe_only && blocks(decision.action);
    if (!swallowed) {
        learn_from_dns(context, burst, i, flow);
    }
    if (decision.rule == policy::kNoRule) {
        return false;
    }
    count_rule(context, decision);
    // A stream has no place for an answer of ours: the connection is cut.
    if (decision.action == Action::sinkhole && burst.frame[i].is_tcp()) {
        decision.action = Action::reset;
    }

    const bool enforced = !decision.observe_only;
    if (decision.action == Action::allow) {
        return true;
    }
    Finding& finding = finding_of(context, flow);
    finding.has_match = true;
    describe(*context.rules, decision, false, finding.match);
    finding.action = decision.action;
    finding.enforced = enforced;
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
    report_detection(Packet(context, i), finding);

    if (!enforced || !blocks(decision.action)) {
        return true;
    }
    if (decision.action == Action::sinkhole) {
        const policy::SinkholeAnswer& answer = context.rules->rule(decision.rule).answer;
        burst.fate[i] = Fate::sinkhole;
        burst.reason[i] = Reason::policy_sinkhole;
        burst.answer[i].rule = decision.rule;
        // Only a query is answered. A response that comes by (its query passed under an older
        // policy) is swallowed: the client asks again, and that query is answered.
        if (question.response) {
            return true;
        }
        constexpr std::uint8_t kNxDomain = 3;  // RFC 1035, 4.1.1
        report_sinkhole(
            Packet(context, i), finding,
            answer.kind == policy::SinkholeAnswer::Kind::nxdomain ? kNxDomain : std::uint8_t{0});
    } else {
        burst.fate[i] = Fate::drop;
        burst.reason[i] =
            decision.action == Action::reset ? Reason::policy_reset : Reason::policy_drop;
    }
    return true;
}

bool judge_stateless(Context& context, const Burst& burst, unsigned i) noexcept {
    const packet::Frame& frame = burst.frame[i];
    policy::Facts facts;
    facts.ip_proto = frame.ip_proto;
    facts.vlan = frame.vlan_count != 0 ? static_cast<std::uint16_t>(frame.vlan_tci[0] & 0x0fff)
                                       : std::uint16_t{0};
    const auto decide_as = [&](bool sender_is_client) {
        facts.client = sender_is_client ? &frame.src : &frame.dst;
        facts.server = sender_is_client ? &frame.dst : &frame.src;
        if (frame.has_ports()) {
            facts.client_port = sender_is_client ? frame.src_port : frame.dst_port;
            facts.server_port = sender_is_client ? frame.dst_port : frame.src_port;
        }
        return context.rules->decide(facts, context.options.worker);
    };
    // Which end is the client is not known: the rule that stands first in the policy wins.
    policy::Decision decision = decide_as(true);
    if (const policy::Decision other = decide_as(false); other.rule < decision.rule) {
        decision = other;
    }
    for (const bool sender_is_client : {true, false}) {
        decision = decide_with_tunnel(context, burst, i, sender_is_client, facts, decision);
    }
    return blocks(decision.action) && !decision.observe_only;
}

}  // namespace minerwall::path

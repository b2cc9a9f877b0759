#include "path/report/report.hpp"

#include <charconv>

namespace minerwall::path {
namespace {

event::AppProto app_proto(const flow::Flow& flow, const Finding* finding) noexcept {
    if (finding != nullptr && finding->has_mining) {
        const Dialect dialect = finding->mining.dialect;
        switch (dialect) {
            case Dialect::getwork:
            case Dialect::getblocktemplate:
            case Dialect::eth_getwork:
            case Dialect::monero_daemon:
                return event::AppProto::http;
            case Dialect::webminer:
                return event::AppProto::websocket;
            case Dialect::stratum_v2:
                return event::AppProto::stratum_v2;
            case Dialect::p2pool:
                return event::AppProto::p2pool;
            case Dialect::coin_p2p:
                return event::AppProto::coin_p2p;
            case Dialect::none:
            case Dialect::stratum_v1:
            case Dialect::cryptonote:
            case Dialect::ethproxy:
                return event::AppProto::stratum;
        }
    }
    switch (static_cast<inspect::App>(flow.app)) {
        case inspect::App::tls:
            return event::AppProto::tls;
        case inspect::App::http:
            return event::AppProto::http;
        case inspect::App::dns:
            return event::AppProto::dns;
        case inspect::App::json:
            return event::AppProto::json_rpc;
        case inspect::App::quic:
            return event::AppProto::quic;
        case inspect::App::websocket:
            return event::AppProto::websocket;
        case inspect::App::socks:
            return event::AppProto::socks;
        case inspect::App::coin_p2p:
            return event::AppProto::coin_p2p;
        case inspect::App::unknown:
            break;
    }
    return event::AppProto::unknown;
}

// Unique enough to join the events of one flow: its start and its ends, mixed (splitmix64).
std::uint64_t flow_id(const flow::Flow& flow) noexcept {
    std::uint64_t z =
        flow.first_seen ^ (std::uint64_t{flow.key.low_port} << 48) ^
        (std::uint64_t{flow.key.high_port} << 32) ^ load_be32(&flow.key.low.bytes[12]) ^
        (std::uint64_t{load_be32(&flow.key.high.bytes[12])} << 16) ^
        (std::uint64_t{flow.key.vlan} << 20) ^ (std::uint64_t{flow.key.inner_vlan} << 4) ^
        (std::uint64_t{flow.key.wire_and_tunnel} << 56) ^ (std::uint64_t{flow.key.ip_proto} << 40);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

void fill_flow(const Context& context, const flow::Flow& flow, const Finding* finding,
               event::Record& out) noexcept {
    out.action = flow.verdict;
    out.enforced = flow.has(flow::Flow::enforced);
    if (finding != nullptr && finding->has_match && finding->action > flow.verdict) {
        out.action = finding->action;
        out.enforced = finding->enforced;
    }
    if (out.action == Action::allow) {
        out.enforced = true;
    }
    out.app_proto = app_proto(flow, finding);
    out.ip_proto = flow.key.ip_proto;
    if (flow.key.vlan != 0) {
        // In a tunnel, the key has its id where a second tag has its place.
        const std::uint16_t inner = flow.key.is_tunnelled() ? 0 : flow.key.inner_vlan;
        out.vlan = {flow.key.vlan, inner};
        out.vlan_count = inner != 0 ? 2 : 1;
    }
    out.wire = flow.key.wire();
    out.in_port = static_cast<std::uint16_t>(flow.key.wire() * 2);
    out.capture = context.options.capture;
    out.client = flow.client();
    out.server = flow.server();
    out.client_port = flow.client_port();
    out.server_port = flow.server_port();
    out.flow_id = flow_id(flow);
    out.flow.packets_to_server = flow.packets[0];
    out.flow.packets_to_client = flow.packets[1];
    out.flow.bytes_to_server = flow.bytes[0];
    out.flow.bytes_to_client = flow.bytes[1];
    out.flow.dropped_packets = flow.dropped;
    out.flow.start = flow.first_seen;
    // The flow keeps milliseconds of the table's clock: the last packet is that long ago.
    const std::uint32_t silent = flow::FlowTable::to_ms(context.now) - flow.last_seen_ms;
    const Nanos end = context.now - Nanos{silent} * kNanosPerMilli;
    out.flow.end = std::max(end, flow.first_seen);
    out.flow.state = static_cast<event::FlowState>(flow.state);
    out.flow.alerted = flow.has(flow::Flow::alerted);
}

void fill_name(const Context& context, const flow::Flow& flow, event::Record& out) noexcept {
    if (flow.name == flow::kNone) {
        return;
    }
    const ServerName& name = context.names.at(flow.name);
    event::NamePart& part = out.use_name();
    switch (name.source) {
        case inspect::NameSource::none:
            break;
        case inspect::NameSource::sni:
            part.kind = event::NameKind::sni;
            break;
        case inspect::NameSource::http_host:
            part.kind = event::NameKind::http_host;
            break;
        case inspect::NameSource::quic_sni:
            part.kind = event::NameKind::quic_sni;
            break;
        case inspect::NameSource::socks:
            part.kind = event::NameKind::socks;
            break;
    }
    part.text.assign(name.text.view());
    part.ja4.assign(name.ja4.view());
    part.ech = name.ech;
}

void fill_finding(const Finding& finding, event::Record& out) noexcept {
    if (finding.has_name) {
        out.use_name() = finding.name;
    }
    if (finding.has_match) {
        out.use_match() = finding.match;
    }
    if (finding.has_mining) {
        out.use_mining() = finding.mining;
    }
}

event::Record* begin(Context& context, event::Kind kind) noexcept {
    event::Record* record = context.events.claim();
    if (record == nullptr) {
        context.counters.events_lost.add();
        return nullptr;
    }
    record->start(kind, context.now);
    return record;
}

void finish(Context& context) noexcept {
    context.events.publish();
    context.counters.events_written.add();
}

void fill_packet(const Burst& burst, unsigned i, const flow::Flow& flow,
                 event::Record& out) noexcept {
    out.in_port = burst.mbuf[i]->port;
    out.to_client = flow.direction(burst.sender_is_low[i]) == flow::Direction::to_client;
    const packet::Frame& frame = burst.frame[i];
    out.vlan_count = std::min<std::uint8_t>(frame.vlan_count, 2);
    for (unsigned v = 0; v < out.vlan_count; ++v) {
        out.vlan[v] = frame.vlan_tci[v] & 0x0fff;
    }
}

event::EvidenceKind evidence_kind(const policy::Decision& decision, bool by_payload) noexcept {
    if (by_payload) {
        return event::EvidenceKind::payload;
    }
    if (decision.by_name) {
        return event::EvidenceKind::name;
    }
    if (decision.why == policy::Condition::learned) {
        return event::EvidenceKind::learned;
    }
    if (decision.by_address) {
        return event::EvidenceKind::address;
    }
    switch (decision.why) {
        case policy::Condition::client_port:
        case policy::Condition::server_port:
            return event::EvidenceKind::port;
        default:
            return event::EvidenceKind::none;
    }
}

}  // namespace

void describe(const policy::Ruleset& rules, const policy::Decision& decision, bool by_payload,
              event::MatchPart& out) noexcept {
    out.clear();
    out.policy_version = rules.epoch();
    out.evidence = evidence_kind(decision, by_payload);
    out.client_side = decision.why == policy::Condition::client_port ||
                      decision.why == policy::Condition::client_ip;
    if (decision.rule == policy::kNoRule) {
        return;
    }
    const policy::RuleInfo& rule = rules.rule(decision.rule);
    out.risk = rule.risk;
    out.rule.assign(rule.name);
    out.stage.assign(rule.stage);
    char number[12];
    const auto end = std::to_chars(number, number + sizeof number, rule.line).ptr;
    // The line must stay readable behind a long path: it is the path that is cut, at its front.
    const std::string_view file(rule.file);
    const std::size_t room = out.rule_at.capacity() - sizeof number - 1;
    out.rule_at.assign(file.size() > room ? file.substr(file.size() - room) : file);
    out.rule_at.push_back(':');
    out.rule_at.append({number, static_cast<std::size_t>(end - number)});
    if (decision.list != policy::kNoList) {
        out.list.assign(rules.list(decision.list).name);
        out.list_entry.assign(rules.entry_text(decision.list, decision.entry));
    }
}

void report_detection(Context& context, const Burst& burst, unsigned i, const flow::Flow& flow,
                      const Finding& finding) noexcept {
    if (!context.options.alert_events) {
        return;
    }
    event::Record* record = begin(context, event::Kind::detection);
    if (record == nullptr) {
        return;
    }
    fill_flow(context, flow, &finding, *record);
    fill_packet(burst, i, flow, *record);
    fill_name(context, flow, *record);
    fill_finding(finding, *record);
    finish(context);
}

void report_sinkhole(Context& context, const Burst& burst, unsigned i, const flow::Flow& flow,
                     const Finding& finding, std::uint8_t rcode) noexcept {
    if (!context.options.dns_events) {
        return;
    }
    event::Record* record = begin(context, event::Kind::dns_sinkhole);
    if (record == nullptr) {
        return;
    }
    fill_flow(context, flow, &finding, *record);
    fill_packet(burst, i, flow, *record);
    fill_finding(finding, *record);
    record->name.dns_rcode = rcode;
    finish(context);
}

void report_learned(Context& context, const Burst& burst, unsigned i, const flow::Flow& flow,
                    const flow::Learned& entry) noexcept {
    if (!context.options.learned_events) {
        return;
    }
    event::Record* record = begin(context, event::Kind::learned);
    if (record == nullptr) {
        return;
    }
    fill_flow(context, flow, nullptr, *record);
    fill_packet(burst, i, flow, *record);
    event::LearnedPart& part = record->use_learned();
    part.from = entry.from;
    part.is_name = entry.is_name;
    part.port = entry.port;
    part.ttl = entry.ttl;
    part.address = entry.server;
    part.name.assign(entry.name.view());
    finish(context);
}

void report_flow_end(Context& context, const flow::Flow& flow, event::EndReason reason) noexcept {
    event::Record* record = begin(context, event::Kind::flow_end);
    if (record == nullptr) {
        return;
    }
    const Finding* finding =
        flow.finding == flow::kNone ? nullptr : &context.findings.at(flow.finding);
    fill_flow(context, flow, finding, *record);
    record->flow.reason = reason;
    fill_name(context, flow, *record);
    if (finding != nullptr) {
        fill_finding(*finding, *record);
    }
    // A rule that only looked at addresses and ports leaves no finding. Its text is the current
    // policy's; a flow that a replaced policy judged last keeps its action only.
    if (!record->has(event::Record::kHasMatch) && flow.rule != policy::kNoRule &&
        context.rules != nullptr && flow.judged_under(context.rules->epoch())) {
        policy::Decision decision;
        decision.rule = flow.rule;
        describe(*context.rules, decision, false, record->use_match());
    }
    finish(context);
}

}  // namespace minerwall::path

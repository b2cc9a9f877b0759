// Records as the path makes them, one of each kind, for the tests of this module.
#pragma once

#include <string_view>

#include "event/record.hpp"

namespace minerwall::output::samples {

inline constexpr Nanos kTime = 1'767'323'045'123'456'789;  // 2026-01-02T03:04:05.123456Z
inline constexpr std::string_view kWallet =
    "48edfHu7V9Z84YzzMa6fUueoELZ9ZRXq9VetWzYGzKt52XU5xvqgzYnDK9URnRoJMk1j8nLwEVsaSWJ4fhdUyZijBGUico"
    "D";

inline IpAddress address(std::string_view text) {
    return parse_address(text).value();
}

inline event::Record base(event::Kind kind) {
    event::Record r;
    r.start(kind, kTime);
    r.ip_proto = 6;
    r.client = address("10.0.0.7");
    r.server = address("203.0.113.9");
    r.client_port = 40'000;
    r.server_port = 3333;
    r.flow_id = 77;
    return r;
}

inline event::MatchPart& matched(event::Record& r, EvidenceKind kind, std::string_view list,
                                 std::string_view entry) {
    event::MatchPart& m = r.use_match();
    m.evidence = kind;
    m.rule.assign("a-rule");
    m.rule_at.assign("policy.conf:12");
    m.list.assign(list);
    m.list_entry.assign(entry);
    m.policy_version = 3;
    m.risk = 84;
    return m;
}

inline event::Record payload_alert() {
    event::Record r = base(event::Kind::detection);
    r.action = Action::reset;
    r.app_proto = event::AppProto::stratum;
    r.vlan_count = 2;
    r.vlan = {100, 200};
    matched(r, EvidenceKind::payload, "", "");
    MiningInfo& m = r.use_mining();
    m.dialect = Dialect::cryptonote;
    m.speaker = Speaker::miner;
    m.method.assign("login");
    m.login.assign(kWallet);
    m.login.append(".rig01");
    m.agent.assign("XMRig/6.21.0 (Linux x86_64) libuv/1.44.2");
    m.pool.assign("pool.example:3333");
    m.algorithm.assign("rx/0");
    m.evidence.assign("{\"id\":1,\"method\":\"login\",\"params\":{\"login\":\"");
    m.evidence.append(kWallet);
    m.offset = 17;
    return r;
}

inline event::Record name_alert() {
    event::Record r = base(event::Kind::detection);
    r.action = Action::drop;
    r.app_proto = event::AppProto::tls;
    r.server_port = 443;
    r.client = address("2001:db8::7");
    r.server = address("2001:db8::1:9");
    matched(r, EvidenceKind::name, "pool-names", "pool.example");
    event::NamePart& n = r.use_name();
    n.kind = event::NameKind::sni;
    n.text.assign("xmr.pool.example");
    return r;
}

inline event::Record address_alert() {
    event::Record r = base(event::Kind::detection);
    r.action = Action::drop;
    matched(r, EvidenceKind::address, "pool-addresses", "203.0.113.0/24");
    return r;
}

inline event::Record port_alert() {
    event::Record r = base(event::Kind::detection);
    r.action = Action::observe;
    matched(r, EvidenceKind::port, "sec-port-cryptomining", "3333").risk = 30;
    return r;
}

inline event::Record rule_alert() {
    event::Record r = base(event::Kind::detection);
    r.action = Action::observe;
    r.ip_proto = 47;
    matched(r, EvidenceKind::none, "", "").risk = 50;
    return r;
}

inline event::Record sinkhole() {
    event::Record r = base(event::Kind::dns_sinkhole);
    r.action = Action::sinkhole;
    r.app_proto = event::AppProto::dns;
    r.ip_proto = 17;
    r.server_port = 53;
    matched(r, EvidenceKind::name, "pool-names", "pool.example");
    event::NamePart& n = r.use_name();
    n.kind = event::NameKind::dns;
    n.dns_id = 4711;
    n.dns_type = 65;
    n.dns_rcode = 3;
    n.text.assign("pool.example");
    return r;
}

inline event::Record clean_flow() {
    event::Record r = base(event::Kind::flow_end);
    r.server_port = 80;
    r.app_proto = event::AppProto::http;
    r.flow.packets_to_server = 5;
    r.flow.packets_to_client = 4;
    r.flow.bytes_to_server = 500;
    r.flow.bytes_to_client = 4000;
    r.flow.start = kTime - 3 * kNanosPerSecond;
    r.flow.end = kTime - kNanosPerSecond;
    r.flow.state = event::FlowState::closed;
    r.flow.reason = event::EndReason::closed;
    event::NamePart& n = r.use_name();
    n.kind = event::NameKind::http_host;
    n.text.assign("www.example");
    return r;
}

inline event::Record mining_flow() {
    event::Record r = payload_alert();
    r.kind = event::Kind::flow_end;
    r.flow.alerted = true;
    r.flow.dropped_packets = 7;
    r.flow.start = r.flow.end = kTime;
    r.flow.reason = event::EndReason::reset;
    return r;
}

}  // namespace minerwall::output::samples

// Records as the path makes them, one of each kind, for the tests of this module.
#pragma once

#include <string_view>

#include "event/record.hpp"

namespace minerwall::event::samples {

inline constexpr Nanos kTime = 1'767'323'045'123'456'789;  // 2026-01-02T03:04:05.123456Z
inline constexpr std::string_view kWallet =
    "48edfHu7V9Z84YzzMa6fUueoELZ9ZRXq9VetWzYGzKt52XU5xvqgzYnDK9URnRoJMk1j8nLwEVsaSWJ4fhdUyZijBGUico"
    "D";

inline IpAddress address(std::string_view text) {
    return parse_address(text).value();
}

inline Record base(Kind kind) {
    Record r;
    r.start(kind, kTime);
    r.ip_proto = 6;
    r.client = address("10.0.0.7");
    r.server = address("203.0.113.9");
    r.client_port = 40'000;
    r.server_port = 3333;
    r.flow_id = 77;
    return r;
}

inline MatchPart& matched(Record& r, EvidenceKind kind, std::string_view list,
                          std::string_view entry) {
    MatchPart& m = r.use_match();
    m.evidence = kind;
    m.rule.assign("a-rule");
    m.rule_at.assign("policy.conf:12");
    m.list.assign(list);
    m.list_entry.assign(entry);
    m.policy_version = 3;
    m.risk = 84;
    return m;
}

inline Record payload_alert() {
    Record r = base(Kind::detection);
    r.action = Action::reset;
    r.app_proto = AppProto::stratum;
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

inline Record name_alert() {
    Record r = base(Kind::detection);
    r.action = Action::drop;
    r.app_proto = AppProto::tls;
    r.server_port = 443;
    r.client = address("2001:db8::7");
    r.server = address("2001:db8::1:9");
    matched(r, EvidenceKind::name, "pool-names", "pool.example");
    NamePart& n = r.use_name();
    n.kind = NameKind::sni;
    n.text.assign("xmr.pool.example");
    return r;
}

inline Record address_alert() {
    Record r = base(Kind::detection);
    r.action = Action::drop;
    matched(r, EvidenceKind::address, "pool-addresses", "203.0.113.0/24");
    return r;
}

inline Record port_alert() {
    Record r = base(Kind::detection);
    r.action = Action::observe;
    matched(r, EvidenceKind::port, "sec-port-cryptomining", "3333").risk = 30;
    return r;
}

inline Record rule_alert() {
    Record r = base(Kind::detection);
    r.action = Action::observe;
    r.ip_proto = 47;
    matched(r, EvidenceKind::none, "", "").risk = 50;
    return r;
}

inline Record sinkhole() {
    Record r = base(Kind::dns_sinkhole);
    r.action = Action::sinkhole;
    r.app_proto = AppProto::dns;
    r.ip_proto = 17;
    r.server_port = 53;
    matched(r, EvidenceKind::name, "pool-names", "pool.example");
    NamePart& n = r.use_name();
    n.kind = NameKind::dns;
    n.dns_id = 4711;
    n.dns_type = 65;
    n.dns_rcode = 3;
    n.text.assign("pool.example");
    return r;
}

inline Record clean_flow() {
    Record r = base(Kind::flow_end);
    r.server_port = 80;
    r.app_proto = AppProto::http;
    r.flow.packets_to_server = 5;
    r.flow.packets_to_client = 4;
    r.flow.bytes_to_server = 500;
    r.flow.bytes_to_client = 4000;
    r.flow.start = kTime - 3 * kNanosPerSecond;
    r.flow.end = kTime - kNanosPerSecond;
    r.flow.state = FlowState::closed;
    r.flow.reason = EndReason::closed;
    NamePart& n = r.use_name();
    n.kind = NameKind::http_host;
    n.text.assign("www.example");
    return r;
}

inline Record mining_flow() {
    Record r = payload_alert();
    r.kind = Kind::flow_end;
    r.flow.alerted = true;
    r.flow.dropped_packets = 7;
    r.flow.start = r.flow.end = kTime;
    r.flow.reason = EndReason::reset;
    return r;
}

}  // namespace minerwall::event::samples

#include "output/eve/formatter.hpp"

#include <utility>

#include "output/eve/names.hpp"
#include "output/eve/redact.hpp"

namespace minerwall::output {
namespace {

// Readers with doubles keep 53 bits. Suricata's identifiers have 51 bits, and so have ours.
constexpr std::uint64_t kFlowIdMask = (std::uint64_t{1} << 51) - 1;

Action action_done(const event::Record& r) noexcept {
    return !r.enforced && blocks(r.action) ? Action::observe : r.action;
}

EvidenceKind evidence_of(const event::Record& r) noexcept {
    return r.has(event::Record::kHasMatch) ? r.match.evidence : EvidenceKind::none;
}

}  // namespace

EveFormatter::EveFormatter(EveOptions options) : options_(std::move(options)) {}

std::string_view EveFormatter::line(const event::Record& r, std::int64_t clock_offset) {
    clock_offset_ = clock_offset;
    json_.clear();
    json_.begin_object();
    switch (r.kind) {
        case event::Kind::detection:
            common(r, "alert", options_.community_id);
            alert(r);
            verdict(r, false);
            name(r);
            mining(r);
            break;
        case event::Kind::dns_sinkhole:
            common(r, "dns", options_.community_id);
            name(r);
            verdict(r, false);
            mining(r);
            break;
        case event::Kind::flow_end:
            common(r, "flow", options_.community_id_of_flows);
            flow(r);
            verdict(r, true);
            name(r);
            if (recognises_mining(evidence_of(r)) || r.has(event::Record::kHasMining)) {
                mining(r);
            }
            break;
        case event::Kind::learned:
            common(r, "learned", options_.community_id);
            learned(r);
            break;
        case event::Kind::shedding:
            shedding(r);
            break;
    }
    json_.end_object();
    json_.raw('\n');
    return json_.view();
}

void EveFormatter::time(std::uint64_t nanos) {
    nanos += static_cast<std::uint64_t>(clock_offset_);  // modulo 2^64: an offset may be negative
    const std::uint64_t day = nanos / kNanosPerSecond / kSecondsPerDay;
    if (day != day_) {
        write_date(day, date_);
        day_ = day;
    }
    char clock[21];
    write_clock(nanos, clock);
    json_.raw('"');
    json_.raw(std::string_view(date_, sizeof date_));
    json_.raw(std::string_view(clock, sizeof clock));
    json_.raw('"');
}

void EveFormatter::common(const event::Record& r, std::string_view event_type,
                          bool with_community_id) {
    json_.put_key("timestamp");
    time(r.time);
    json_.number("flow_id", r.flow_id & kFlowIdMask);
    if (r.capture < options_.capture_names.size()) {
        json_.text("pcap_filename", options_.capture_names[r.capture]);
    }
    if (r.in_port < options_.port_names.size() && !options_.port_names[r.in_port].empty()) {
        json_.text("in_iface", options_.port_names[r.in_port]);
    }
    json_.plain("event_type", event_type);
    if (r.vlan_count != 0) {
        json_.begin_array("vlan");
        for (unsigned i = 0; i < r.vlan_count && i < r.vlan.size(); ++i) {
            json_.item(std::uint64_t{r.vlan[i]});
        }
        json_.end_array();
    }
    char text[kAddressText];
    const bool ports = has_ports(r.ip_proto);
    json_.plain("src_ip", address_text(r.client, text));
    if (ports) {
        json_.number("src_port", r.client_port);
    }
    json_.plain("dest_ip", address_text(r.server, text));
    if (ports) {
        json_.number("dest_port", r.server_port);
    }
    char proto[kProtoText];
    json_.plain("proto", proto_text(r.ip_proto, proto));
    if (r.app_proto != event::AppProto::unknown) {
        json_.plain("app_proto", to_text(r.app_proto));
    }
    if (r.kind != event::Kind::flow_end) {
        json_.plain("direction", r.to_client ? "to_client" : "to_server");
    }
    if (with_community_id) {
        const std::string_view id =
            community_id_.of(r.ip_proto, r.client, r.client_port, r.server, r.server_port);
        if (!id.empty()) {
            json_.plain("community_id", id);
        }
    }
}

// It concerns no flow.
void EveFormatter::shedding(const event::Record& r) {
    json_.put_key("timestamp");
    time(r.time);
    json_.plain("event_type", "shedding");
    json_.begin_object("shedding");
    json_.number("worker", r.worker);
    json_.plain("rung", minerwall::to_text(r.rung));
    json_.end_object();
}

void EveFormatter::alert(const event::Record& r) {
    const EvidenceKind kind = evidence_of(r);
    const Dialect dialect = r.has(event::Record::kHasMining) ? r.mining.dialect : Dialect::none;
    const unsigned risk = r.has(event::Record::kHasMatch) ? r.match.risk : 0;
    const std::uint32_t given = r.has(event::Record::kHasMatch) ? r.match.signature_id : 0;

    json_.begin_object("alert");
    json_.plain("action", r.enforced && blocks(r.action) ? "blocked" : "allowed");
    json_.number("signature_id", given != 0 ? given : signature_id(kind, dialect));
    scratch_.assign(signature_text(kind));
    if (kind == EvidenceKind::payload) {
        scratch_ += ": ";
        scratch_ += to_text(dialect);
    }
    json_.plain("signature", scratch_);
    json_.plain("category", category_text(kind));
    json_.number("severity", severity(risk));
    if (recognises_mining(kind)) {
        // The keys of Emerging Threats' rules, which correlation rules know.
        json_.begin_object("metadata");
        const auto list_of_one = [this](std::string_view key, std::string_view value) {
            json_.begin_array(key);
            json_.item(value);
            json_.end_array();
        };
        list_of_one("mitre_tactic_id", "TA0040");
        list_of_one("mitre_tactic_name", "Impact");
        list_of_one("mitre_technique_id", kAttackId);
        list_of_one("mitre_technique_name", "Resource_Hijacking");
        json_.end_object();
    }
    if (r.suppressed != 0) {
        json_.number("suppressed", r.suppressed);
    }
    json_.end_object();
}

void EveFormatter::flow(const event::Record& r) {
    const event::FlowStats& f = r.flow;
    json_.begin_object("flow");
    json_.number("pkts_toserver", f.packets_to_server);
    json_.number("pkts_toclient", f.packets_to_client);
    json_.number("bytes_toserver", f.bytes_to_server);
    json_.number("bytes_toclient", f.bytes_to_client);
    json_.put_key("start");
    time(f.start);
    json_.put_key("end");
    time(f.end);
    json_.number("age", f.end > f.start ? (f.end - f.start) / kNanosPerSecond : 0);
    json_.plain("state", to_text(f.state));
    json_.plain("reason", to_text(f.reason));
    json_.boolean("alerted", f.alerted);
    if (r.enforced && blocks(r.action)) {
        json_.plain("action", "drop");  // Suricata's word, in Suricata's place
    }
    json_.end_object();
}

void EveFormatter::verdict(const event::Record& r, bool with_dropped) {
    json_.begin_object("verdict");
    json_.plain("action", minerwall::to_text(action_done(r)));
    if (!r.enforced && blocks(r.action)) {
        json_.plain("would", minerwall::to_text(r.action));
    }
    if (r.has(event::Record::kHasMatch) && !r.match.rule.empty()) {
        json_.text("rule", r.match.rule.view());
    }
    if (with_dropped) {
        json_.number("dropped_pkts", r.flow.dropped_packets);
    }
    json_.end_object();
}

void EveFormatter::name(const event::Record& r) {
    if (!r.has(event::Record::kHasName)) {
        return;
    }
    const event::NamePart& n = r.name;
    switch (n.kind) {
        case event::NameKind::none:
            break;
        case event::NameKind::sni:
        case event::NameKind::quic_sni:
            json_.begin_object(n.kind == event::NameKind::sni ? "tls" : "quic");
            if (!n.text.empty()) {
                json_.text("sni", n.text.view());
            }
            if (!n.ja4.empty()) {
                json_.text("ja4", n.ja4.view());
            }
            if (n.ech) {
                json_.boolean("ech", true);
            }
            json_.end_object();
            break;
        case event::NameKind::socks:
            json_.begin_object("socks");
            json_.text("target", n.text.view());
            json_.end_object();
            break;
        case event::NameKind::http_host:
            json_.begin_object("http");
            json_.text("hostname", n.text.view());
            json_.end_object();
            break;
        case event::NameKind::dns: {
            char text[kTypeText];
            json_.begin_object("dns");
            json_.plain("type", n.dns_answer ? "answer" : "query");
            json_.number("id", n.dns_id);
            json_.text("rrname", n.text.view());
            json_.plain("rrtype", dns_type_text(n.dns_type, text));
            if (n.dns_rcode != event::NamePart::kNoRcode) {
                json_.plain("rcode", dns_rcode_text(n.dns_rcode, text));
            }
            json_.end_object();
            break;
        }
    }
}

void EveFormatter::mining(const event::Record& r) {
    const bool matched = r.has(event::Record::kHasMatch);
    if (!matched && !r.has(event::Record::kHasMining)) {
        return;
    }
    const auto text_if = [this](std::string_view key, std::string_view value) {
        if (!value.empty()) {
            json_.text(key, value);
        }
    };
    const auto shortened_if = [&](std::string_view key, std::string_view value) {
        scratch_.clear();
        append_shortened(scratch_, value);
        text_if(key, scratch_);
    };
    json_.begin_object("mining");
    if (r.has(event::Record::kHasMining)) {
        const MiningInfo& m = r.mining;
        if (m.dialect != Dialect::none) {
            json_.plain("dialect", minerwall::to_text(m.dialect));
        }
        text_if("pool", m.pool.view());
        text_if("next_pool", m.next_pool.view());
        LoginParts login = split_login(m.login.view());
        // The parser may know better where the worker's name begins.
        const std::string_view worker = m.worker.view();
        if (const std::string_view whole = m.login.view();
            !worker.empty() && whole.size() > worker.size() + 1 && whole.ends_with(worker) &&
            whole[whole.size() - worker.size() - 1] == '.') {
            login.account = whole.substr(0, whole.size() - worker.size() - 1);
        }
        shortened_if("login", login.account);
        shortened_if("worker", worker.empty() ? login.worker : worker);
        text_if("agent", m.agent.view());
        text_if("algorithm", m.algorithm.view());
        text_if("method", m.method.view());
        if (m.speaker != Speaker::unknown) {
            json_.plain("speaker", m.speaker == Speaker::miner ? "miner" : "pool");
        }
    }
    if (matched) {
        const event::MatchPart& m = r.match;
        if (m.evidence != EvidenceKind::none) {
            json_.plain("recognised_by", to_text(m.evidence));
        }
        evidence(r);
        text_if("rule", m.rule.view());
        text_if("rule_at", m.rule_at.view());
        text_if("list", m.list.view());
        text_if("list_entry", m.list_entry.view());
        json_.number("policy_version", m.policy_version);
        json_.number("risk", m.risk);
        if (recognises_mining(m.evidence)) {
            json_.text("stage", m.stage.empty() ? kDefaultStage : m.stage.view());
            json_.plain("attack_id", kAttackId);
        }
    } else {
        evidence(r);
    }
    json_.end_object();
}

void EveFormatter::learned(const event::Record& r) {
    const event::LearnedPart& l = r.learned;
    json_.begin_object("learned");
    json_.plain("from", minerwall::to_text(l.from));
    if (!l.name.empty()) {
        json_.text("name", l.name.view());
    }
    if (!l.is_name) {
        char text[kAddressText];
        json_.plain("address", address_text(l.address, text));
    }
    if (l.port != 0) {
        json_.number("port", l.port);
    }
    json_.number("ttl", l.ttl);
    json_.end_object();
}

void EveFormatter::evidence(const event::Record& r) {
    const bool payload = r.has(event::Record::kHasMining) && !r.mining.evidence.empty();
    const EvidenceKind kind = evidence_of(r);
    const bool named = kind == EvidenceKind::name && r.has(event::Record::kHasName) &&
                       r.name.kind != event::NameKind::none;
    const bool address = kind == EvidenceKind::address || kind == EvidenceKind::learned;
    const bool port = kind == EvidenceKind::port;
    if (!payload && !named && !address && !port) {
        return;
    }
    json_.begin_array("evidence");
    if (payload) {
        scratch_.clear();
        append_masked(scratch_, r.mining.evidence.view(), r.mining.login.view());
        json_.begin_object();
        json_.plain("kind", "payload");
        json_.number("offset", r.mining.offset);
        json_.text("text", scratch_);
        json_.end_object();
    }
    if (named || address || port) {
        json_.begin_object();
        char text[kAddressText];
        if (named) {
            json_.plain("kind", to_text(r.name.kind));
            json_.text("text", r.name.text.view());
        } else if (address) {
            json_.plain("kind", r.match.client_side ? "client_address" : "server_address");
            json_.plain("text", address_text(r.match.client_side ? r.client : r.server, text));
        } else {
            const std::uint16_t number = r.match.client_side ? r.client_port : r.server_port;
            json_.plain("kind", r.match.client_side ? "client_port" : "server_port");
            const fmt::format_int digits(number);
            json_.plain("text", {digits.data(), digits.size()});
        }
        json_.end_object();
    }
    json_.end_array();
}

}  // namespace minerwall::output

#include "path/report/describe.hpp"

#include <charconv>

namespace minerwall::path {
namespace {

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
    // The line number must stay readable behind a long path, so cut the path at its front.
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

}  // namespace minerwall::path

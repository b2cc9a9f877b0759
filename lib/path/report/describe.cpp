#include "path/report/describe.hpp"

#include <charconv>

namespace minerwall::path {

EvidenceKind evidence_of(const policy::Decision& decision) noexcept {
    if (decision.by_name) {
        return EvidenceKind::name;
    }
    const EvidenceKind own = policy::entry_of(decision.why).evidence;
    if (own == EvidenceKind::none && decision.by_address) {
        return EvidenceKind::address;
    }
    return own;
}

void describe(const policy::Ruleset& rules, const policy::Decision& decision, bool by_payload,
              event::MatchPart& out) noexcept {
    out.clear();
    out.policy_version = rules.epoch();
    out.evidence = by_payload ? EvidenceKind::payload : evidence_of(decision);
    out.client_side = policy::entry_of(decision.why).of_client;
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
    if (decision.why == policy::Condition::unreadable) {
        out.list.assign("unreadable");
        out.list_entry.assign(to_text(static_cast<Unreadable>(decision.entry)));
    } else if (decision.list != policy::kNoList) {
        out.list.assign(rules.list(decision.list).name);
        out.list_entry.assign(rules.entry_text(decision.list, decision.entry));
    }
}

}  // namespace minerwall::path

// The walk through the rules, for ruleset.cpp (fast path, without a record) and explain.cpp (with
// one). Recorder: begin(rule), condition(which, known, held, list, entry), end(matched). One that
// does nothing costs nothing.
#pragma once

#include "policy/ruleset.hpp"

namespace minerwall::policy {

// Whether the fact that a condition asks for is known at all.
inline bool is_known(Condition condition, const Facts& facts) noexcept {
    switch (condition) {
        case Condition::client_port:
            return facts.client_port != 0;
        case Condition::server_port:
            return facts.server_port != 0;
        case Condition::any_port:
            return facts.client_port != 0 || facts.server_port != 0;
        case Condition::client_ip:
            return facts.client != nullptr;
        case Condition::server_ip:
            return facts.server != nullptr;
        case Condition::any_ip:
            return facts.client != nullptr || facts.server != nullptr;
        case Condition::dns_name:
            return !facts.dns_name.empty();
        case Condition::server_name:
            return !facts.server_name.empty();
        case Condition::any_name:
            return !facts.dns_name.empty() || !facts.server_name.empty();
        case Condition::app:
            return facts.app != Dialect::none;
        case Condition::none:
        case Condition::proto:
        case Condition::vlan:
        case Condition::learned:
            break;
    }
    return true;
}

template <typename Recorder>
Decision Ruleset::ask(const Facts& facts, unsigned worker, Recorder& recorder) const {
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        Decision decision;
        recorder.begin(i);
        const bool matched = matches(rules_[i], facts, worker, decision, recorder);
        recorder.end(matched);
        if (matched) {
            decision.rule = static_cast<std::uint16_t>(i);
            return decision;
        }
    }
    return {};
}

// Fills `decision` where the rule matches.
template <typename Recorder>
bool Ruleset::matches(const Rule& rule, const Facts& facts, unsigned worker, Decision& decision,
                      Recorder& recorder) const {
    bool by_name = false;
    bool by_address = false;
    for (unsigned i = 0; i < rule.test_count; ++i) {
        const Test& test = tests_[rule.first_test + i];
        Hit hit;
        const bool held = holds(test, facts, worker, hit);
        recorder.condition(held ? hit.side : test.condition, is_known(test.condition, facts), held,
                           hit.list, hit.entry);
        if (!held) {
            return false;
        }
        if (recognises(test.condition, hit)) {
            (hit.side >= Condition::dns_name ? by_name : by_address) = true;
        }
        if (hit.side >= decision.why) {  // Condition goes from the least telling to the most
            decision.why = hit.side;
            decision.list = hit.list;
            decision.entry = hit.entry;
        }
    }
    const Action action = rule.info.action;
    // A rule for names of both kinds may sinkhole, but only a DNS message can be answered.
    decision.action = action == Action::sinkhole && facts.dns_name.empty() ? Action::drop : action;
    decision.observe_only = observe_ || rule.info.observe;
    decision.by_name = by_name && action != Action::allow;
    decision.by_address = by_address && action != Action::allow;
    return true;
}

}  // namespace minerwall::policy

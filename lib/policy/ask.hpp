// Tries the rules in order, for ruleset.cpp (fast path, without a record) and explain.cpp (with a
// record). A Recorder has begin(rule), condition(test, facts, held, hit) and end(matched). The
// compiler removes the calls of an empty one.
#pragma once

#include "policy/ruleset.hpp"

namespace minerwall::policy {

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

// Fills `decision` if the rule matches.
template <typename Recorder>
bool Ruleset::matches(const Rule& rule, const Facts& facts, unsigned worker, Decision& decision,
                      Recorder& recorder) const {
    bool by_name = false;
    bool by_address = false;
    for (unsigned i = 0; i < rule.test_count; ++i) {
        const Test& test = tests_[rule.first_test + i];
        Hit hit{.condition = test.condition};
        const bool held = entry_of(test.condition).holds(test, facts, lists_, worker, hit);
        recorder.condition(test, facts, held, hit);
        if (!held) {
            return false;
        }
        const Recognises recognised = recognises(test, hit);
        by_name = by_name || recognised == Recognises::by_name;
        by_address = by_address || recognised == Recognises::by_address;
        if (hit.condition >= decision.why) {  // Condition ascends to the strongest reason
            decision.why = hit.condition;
            decision.list = hit.list;
            decision.entry = hit.entry;
        }
    }
    const Action action = rule.info.action;
    // A rule for both kinds of names may have action sinkhole, but we can answer only a DNS
    // message.
    decision.action = action == Action::sinkhole && facts.dns_name.empty() ? Action::drop : action;
    decision.observe_only = observe_ || rule.info.observe;
    decision.by_name = by_name && action != Action::allow;
    decision.by_address = by_address && action != Action::allow;
    return true;
}

}  // namespace minerwall::policy

// The way to a decision: the rules that were tried, in order, and the result of each condition.
// Control plane.
#pragma once

#include <cstdint>
#include <vector>

#include "policy/facts.hpp"

namespace minerwall::policy {

struct TriedCondition {
    // As in the rule; for an any_ condition that held, the one that matched.
    Condition condition = Condition::none;
    bool known = true;  // false: the fact is not known
    bool held = false;
    std::uint16_t list = kNoList;    // the list where it held: index for Ruleset::list()
    std::uint32_t entry = kNoEntry;  // for Ruleset::entry_text()
};

struct TriedRule {
    std::uint16_t rule = kNoRule;  // index for Ruleset::rule()
    bool matched = false;
    // Cheapest first, up to the one that failed; the others were not tried.
    std::vector<TriedCondition> conditions;
};

struct Trace {
    std::vector<TriedRule> rules;  // up to the rule that matched
};

}  // namespace minerwall::policy

// A policy as the reader found it in the file, with its names not yet looked up. `line` counts in
// the expanded Source; Source::locate() gives file and line. Control plane.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/action.hpp"
#include "policy/facts.hpp"
#include "policy/list.hpp"
#include "settings/value.hpp"

namespace minerwall::policy {

using settings::Value;

struct ListModel {
    std::string name;
    unsigned line = 0;
    ListType type = ListType::domain;
    ListFormat format = ListFormat::lines;
    unsigned format_line = 0;  // 0: the policy does not say it
    bool mining = true;
    std::string note;
    std::vector<Value> values;
    std::vector<Value> files;
};

struct ConditionModel {
    Condition condition = Condition::none;
    unsigned line = 0;
    std::vector<Value> values;  // alternatives: the condition holds for any of them
};

struct RuleModel {
    std::string name;
    unsigned line = 0;
    Action action = Action::allow;
    bool observe = false;
    bool enabled = true;
    unsigned risk = 84;
    std::uint32_t ttl = 60;
    bool has_answer = false;  // the rule has `answer` or `ttl`
    std::vector<Value> answer;
    std::string stage = "actions on objective";
    std::string category;
    std::string note;
    std::vector<ConditionModel> conditions;  // all must hold
};

// The setting `unreadable`: what becomes of packets and flows that a bound keeps us from reading.
struct UnreadableModel {
    unsigned line = 1;
    // No host can buy itself blindness. A server answers a question that nobody can decode with an
    // error, and broken clients do ask such questions.
    UnreadableSet dropped = kAllUnreadable & ~bit_of(Unreadable::dns_question);
    UnreadableSet observed = 0;
};

struct Model {
    bool observe = false;
    UnreadableModel unreadable;
    std::vector<ListModel> lists;
    std::vector<RuleModel> rules;
    std::vector<Value> never_learn;  // lists or literal addresses that are never learned
};

}  // namespace minerwall::policy

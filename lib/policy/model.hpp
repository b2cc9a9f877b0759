// A policy as it is written: what the reader makes of the file, before names are looked up. `line`
// counts in the expanded Source; Source::locate() gives file and line. Control plane.
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
    bool mining = true;
    std::string note;
    std::vector<Value> values;
    std::vector<Value> files;
};

struct ConditionModel {
    Condition condition = Condition::none;
    unsigned line = 0;
    std::vector<Value> values;  // the condition holds for any of them
};

struct RuleModel {
    std::string name;
    unsigned line = 0;
    Action action = Action::allow;
    bool observe = false;
    bool enabled = true;
    unsigned risk = 84;
    std::uint32_t ttl = 60;
    bool has_answer = false;  // `answer` or `ttl` is given
    std::vector<Value> answer;
    std::string stage = "actions on objective";
    std::string category;
    std::string note;
    std::vector<ConditionModel> conditions;  // all must hold
};

struct Model {
    bool observe = false;
    std::vector<ListModel> lists;
    std::vector<RuleModel> rules;
    std::vector<Value> never_learn;  // addresses that are never learned: lists or literals
};

}  // namespace minerwall::policy

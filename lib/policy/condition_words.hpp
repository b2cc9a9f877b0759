// Conditions whose values are words and not list entries: app and proto; and the answers of a
// sinkhole. Control plane.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "policy/model.hpp"
#include "policy/ruleset.hpp"

namespace minerwall::policy {

// The bits of Test::mask for `value`; 0, with `fault` set, where it is none of the words.
std::uint32_t app_mask(const Value& value, std::string& fault);
std::uint32_t proto_mask(const Value& value, std::string& fault);

// The answer that a sinkhole rule describes; `fault` says what is wrong with it.
SinkholeAnswer parse_answer(const RuleModel& rule, std::string& fault);

}  // namespace minerwall::policy

// Conditions whose values are words instead of list entries (app and proto), and the answers of a
// sinkhole. Control plane.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "policy/condition_table.hpp"
#include "policy/model.hpp"
#include "policy/ruleset.hpp"

namespace minerwall::policy {

// The bits of the word that `value` is. 0, with `fault` set, if it is not one of `words`.
std::uint32_t bits_of(const Value& value, std::span<const Word> words, std::string& fault);

// The answer that a sinkhole rule describes; sets `fault` if the rule is wrong.
SinkholeAnswer parse_answer(const RuleModel& rule, std::string& fault);

}  // namespace minerwall::policy

// Every condition in one table: what a rule writes behind its key, when it holds, and what the
// reader, the checks and the compiler have to know of it. A new condition is a new entry.
//
// is_known() and holds() are fast path: any worker, no lock, no allocation. The rest is read by the
// control plane.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "policy/facts.hpp"
#include "policy/list_set.hpp"

namespace minerwall::policy {

struct Word {
    std::string_view text;
    std::uint32_t bits;  // for Test::mask
};

// What may be written behind a condition's key.
struct Values {
    enum class Kind : std::uint8_t {
        yes,      // true
        words,    // any of `words`
        entries,  // what a list holds, and lists
    };
    Kind kind = Kind::yes;
    std::span<const Word> words;
    // Entries alone:
    ListType literals = ListType::port;  // a literal is an entry of such a list
    std::uint8_t lists = 0;              // lists that may be referred to: 1 << ListType
    bool numbers = false;                // a literal may be a number, in the range that follows
    std::uint16_t least = 1;
    std::uint16_t most = 65535;
};

// What a ruleset needs to be told about a flow: Ruleset::needs().
enum Needs : std::uint8_t {
    kNeedsNothing = 0,
    kNeedsDns = 1,         // the names in DNS messages
    kNeedsServerName = 2,  // the name of a flow's server
    kNeedsNames = kNeedsDns | kNeedsServerName,
    kNeedsApp = 4,
    kNeedsLearned = 8,
};

// What the flow is recognised as mining by where the condition holds; of a condition with lists:
// by one of category "mining".
enum class Recognises : std::uint8_t { nothing, by_address, by_name };

struct ConditionEntry {
    Condition condition = Condition::none;
    std::string_view key;   // in `when`
    std::uint8_t cost = 0;  // roughly; of a rule's conditions the cheapest is tried first
    Values values;
    std::uint8_t needs = kNeedsNothing;
    Recognises recognises = Recognises::nothing;
    // Whether the fact that it asks for is known. One that is not fails the condition.
    bool (*is_known)(const Facts& facts) noexcept = nullptr;
    // hit.condition is the condition beforehand; an any_ condition writes the one that matched.
    // Where it returns false, `hit` says nothing. worker: whose scratch memory is used.
    bool (*holds)(const Test& test, const Facts& facts, const ListSet& lists, unsigned worker,
                  Hit& hit) noexcept = nullptr;
};

const ConditionEntry& entry_of(Condition condition) noexcept;

// All that a rule can write, from the least telling to the most.
std::span<const ConditionEntry> conditions() noexcept;

// The key in `when`; "none" for Condition::none.
std::string_view to_text(Condition condition) noexcept;

}  // namespace minerwall::policy

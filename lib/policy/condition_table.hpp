// Every condition in one table: the values that a rule may write, when the condition holds, and the
// facts that the reader, the checks and the compiler need. A new condition is a new entry.
//
// is_known() and holds() are fast path: any worker, no lock, no allocation. The control plane reads
// the rest.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/evidence_kind.hpp"
#include "policy/facts.hpp"
#include "policy/list_set.hpp"

namespace minerwall::policy {

struct Word {
    std::string_view text;
    std::uint32_t bits;  // for Test::mask
};

// The values that a rule may write for a condition's key.
struct Values {
    enum class Kind : std::uint8_t {
        yes,      // true
        words,    // any of `words`
        entries,  // literals and lists
    };
    Kind kind = Kind::yes;
    std::span<const Word> words;
    // For `entries` only:
    ListType literals = ListType::port;  // a literal is an entry of such a list
    std::uint8_t lists = 0;              // list types that a rule may refer to: 1 << ListType
    bool numbers = false;                // a literal may be a number within [least, most]
    std::uint16_t least = 1;
    std::uint16_t most = 65535;
};

// The facts about a flow that a ruleset reads: Ruleset::needs_...().
enum Needs : std::uint8_t {
    kNeedsNothing = 0,
    kNeedsDns = 1,         // the names in DNS messages
    kNeedsServerName = 2,  // the name of a flow's server
    kNeedsNames = kNeedsDns | kNeedsServerName,
    kNeedsLearned = 4,
};

// How a condition that holds recognises mining. A condition with lists does so only by a list of
// category "mining".
enum class Recognises : std::uint8_t { nothing, by_address, by_name };

struct ConditionEntry {
    Condition condition = Condition::none;
    std::string_view key;   // in `when`
    std::uint8_t cost = 0;  // estimated; a rule tries its cheapest condition first
    Values values;
    std::uint8_t needs = kNeedsNothing;
    Recognises recognises = Recognises::nothing;
    // For the event, if this condition is the reason of the decision. none: the event names what
    // the flow was recognised by.
    EvidenceKind evidence = EvidenceKind::none;
    bool of_client = false;  // the condition asks about the client's end
    // Whether the fact is known. A condition on an unknown fact fails.
    bool (*is_known)(const Facts& facts) noexcept = nullptr;
    // The caller sets hit.condition to this condition; an any_ condition replaces it by the one
    // that matched. `hit` is valid only if the result is true. worker: selects the scratch memory.
    bool (*holds)(const Test& test, const Facts& facts, const ListSet& lists, unsigned worker,
                  Hit& hit) noexcept = nullptr;
};

const ConditionEntry& entry_of(Condition condition) noexcept;

// All conditions that a rule can write, from the weakest reason to the strongest.
std::span<const ConditionEntry> conditions() noexcept;

// The key in `when`; "none" for Condition::none.
std::string_view to_text(Condition condition) noexcept;

}  // namespace minerwall::policy

// A compiled policy: the rules in order, and their lists. Immutable once built.
//
// decide() is fast path: any worker, no lock, no allocation. It costs at most one look-up for each
// condition and list of the rules up to the one that matches. The accessors are for code that
// reports a decision; their results live as long as the Ruleset.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/counters.hpp"
#include "base/time.hpp"
#include "policy/condition_table.hpp"
#include "policy/facts.hpp"
#include "policy/list_set.hpp"
#include "policy/names_of_interest.hpp"
#include "policy/trace.hpp"

namespace minerwall::policy {

// How a sinkhole answers a question of type A or AAAA. It answers with no data (RFC 2308, 2.2) if
// the type is another, or if the family has no address here.
struct SinkholeAnswer {
    enum class Kind : std::uint8_t { nxdomain, nodata, address };
    Kind kind = Kind::nxdomain;
    bool has_v4 = false;
    bool has_v6 = false;
    IpAddress v4, v6;
    std::uint32_t ttl = 60;  // seconds, 0..86400
};

struct RuleInfo {
    std::string name;
    std::string file;  // where the rule stands in the policy
    unsigned line = 0;
    Action action = Action::allow;
    bool observe = false;  // the rule's own mode; see also Ruleset::observe()
    std::uint8_t risk = 84;
    std::uint16_t counter_slot = kMaxRuleSlots - 1;  // in WorkerCounters::verdicts_by_rule
    SinkholeAnswer answer;                           // for Action::sinkhole
    std::string stage;                               // kill-chain stage
    std::string category;                            // the operator's words, may be empty
    std::string note;
};

class Ruleset {
  public:
    Ruleset() = default;
    Ruleset(const Ruleset&) = delete;
    Ruleset& operator=(const Ruleset&) = delete;

    Decision decide(const Facts& facts, unsigned worker) const noexcept;
    // The same decision, with the rules and conditions that led to it. Allocates: control plane
    // only, one thread at a time. It has its own scratch memory, so that the workers need not
    // pause.
    Decision explain(const Facts& facts, Trace& trace) const;

    // Whether the name is in a list of category "mining" that a rule other than `allow` refers to.
    bool is_mining_name(std::string_view name, unsigned worker) const noexcept;
    // Whether the address may be learned: it is in none of `never_learn`'s lists.
    bool may_learn(const IpAddress& address) const noexcept;
    const NamesOfInterest& names_of_interest() const noexcept { return names_of_interest_; }
    // Whether a rule asks for learned servers.
    bool needs_learned() const noexcept { return (needs_ & kNeedsLearned) != 0; }

    std::uint32_t epoch() const noexcept { return epoch_; }
    bool observe() const noexcept { return observe_; }  // the whole policy only observes

    std::size_t rule_count() const noexcept { return own_rules_; }  // of the policy's file
    // With the rules that the setting `unreadable` makes, which stand behind those of the file.
    std::size_t all_rule_count() const noexcept { return rules_.size(); }
    const RuleInfo& rule(std::uint16_t index) const noexcept { return rules_[index].info; }
    std::size_t list_count() const noexcept { return lists_.size(); }
    const List& list(std::uint16_t index) const noexcept { return lists_[index]; }
    // Empty for kNoList and kNoEntry, so that callers can pass a Decision's fields unchecked.
    std::string_view entry_text(std::uint16_t list, std::uint32_t entry) const noexcept;

    Nanos loaded_at() const noexcept { return loaded_at_; }
    std::size_t memory_bytes() const noexcept { return lists_.memory_bytes(); }  // of all lists
    std::size_t entry_count() const noexcept { return lists_.entry_count(); }    // of all lists
    unsigned workers() const noexcept { return lists_.workers(); }

  private:
    friend class Compiler;
    friend class NamesOfInterest;
    friend class Store;

    struct Rule {
        std::uint16_t first_test = 0;  // tests are ordered cheapest first
        std::uint16_t test_count = 0;
        RuleInfo info;
    };
    // One implementation for decide() and explain(): see policy/ask.hpp.
    template <typename Recorder>
    Decision ask(const Facts& facts, unsigned worker, Recorder& recorder) const;
    template <typename Recorder>
    bool matches(const Rule& rule, const Facts& facts, unsigned worker, Decision& decision,
                 Recorder& recorder) const;
    // How the test recognised mining, if it held.
    Recognises recognises(const Test& test, const Hit& hit) const noexcept;

    std::vector<Rule> rules_;
    std::size_t own_rules_ = 0;
    std::vector<Test> tests_;
    ListSet lists_;
    NamesOfInterest names_of_interest_{*this};
    Test mining_names_;  // the lists for is_mining_name()
    Test never_learn_;
    bool observe_ = false;
    std::uint8_t needs_ = kNeedsNothing;
    std::uint32_t epoch_ = 0;
    Nanos loaded_at_ = 0;
};

}  // namespace minerwall::policy

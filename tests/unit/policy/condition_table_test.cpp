// Checks every entry of the table, so that a new condition is tested here without a change.
#include "policy/condition_table.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "policy_text.hpp"

namespace minerwall::policy {
namespace {

constexpr std::string_view kLists =
    R"(port = { type = "port"; values = [ 3333 ]; };)"
    R"( domain = { type = "domain"; values = [ "pool.example" ]; };)"
    R"( ip = { type = "ip"; values = [ "198.51.100.0/24" ]; };)"
    R"( name-pattern = { type = "name-pattern"; values = [ "xmr[0-9]+\\..*" ]; };)";

std::string with(const ConditionEntry& entry, const std::string& value) {
    return policy_text(kLists, "{ name = \"r\"; action = \"drop\"; when = { " +
                                   std::string(entry.key) + " = " + value + "; }; }");
}

// A value that the condition takes, without a list.
std::string literal(const ConditionEntry& entry) {
    switch (entry.values.kind) {
        case Values::Kind::yes:
            return "true";
        case Values::Kind::words:
            return "\"" + std::string(entry.values.words.front().text) + "\"";
        case Values::Kind::entries:
            break;
    }
    switch (entry.values.literals) {
        case ListType::port:
            return std::to_string(entry.values.most);
        case ListType::domain:
            return "\"pool.example\"";
        case ListType::ip:
            return "\"198.51.100.9\"";
        case ListType::name_pattern:
            break;
    }
    return "\"xmr[0-9]+\\\\..*\"";
}

TEST(ConditionTable, KeysAreDistinctAndGivenBackByToText) {
    std::set<std::string_view> keys = {to_text(Condition::none)};
    EXPECT_EQ(conditions().size(), kConditionCount - 1);
    for (const ConditionEntry& entry : conditions()) {
        EXPECT_TRUE(keys.insert(entry.key).second) << entry.key;
        EXPECT_EQ(to_text(entry.condition), entry.key);
        EXPECT_EQ(&entry_of(entry.condition), &entry);
        ASSERT_NE(entry.is_known, nullptr) << entry.key;
        ASSERT_NE(entry.holds, nullptr) << entry.key;
    }
}

TEST(ConditionTable, EachConditionCanBeWrittenWithALiteral) {
    for (const ConditionEntry& entry : conditions()) {
        const LoadResult result = load_text(with(entry, literal(entry)), {}, 1);
        ASSERT_TRUE(result.ok()) << format_all(result);
        EXPECT_EQ(result.ruleset->needs_learned(), (entry.needs & kNeedsLearned) != 0) << entry.key;
    }
}

TEST(ConditionTable, EachConditionTakesTheListsOfItsTypesAndNoOthers) {
    for (const ConditionEntry& entry : conditions()) {
        for (unsigned i = 0; i < kListTypeCount; ++i) {
            if (entry.values.kind == Values::Kind::yes) {
                continue;  // it takes no text at all
            }
            const std::string list(to_text(static_cast<ListType>(i)));
            EXPECT_EQ(load_text(with(entry, "\"@" + list + "\""), {}, 1).ok(),
                      (entry.values.lists >> i & 1) != 0)
                << entry.key << " @" << list;
        }
    }
}

TEST(ConditionTable, AFactThatIsNotKnownFailsItsConditions) {
    for (const ConditionEntry& entry : conditions()) {
        const Facts nothing;
        const auto ruleset = must_load(with(entry, literal(entry)));
        EXPECT_EQ(ruleset->decide(nothing, 0).rule, kNoRule) << entry.key;
    }
}

TEST(ConditionTable, TheCheapestConditionOfARuleIsTriedFirst) {
    std::string all;
    for (const Condition condition :
         {Condition::proto, Condition::vlan, Condition::client_port, Condition::server_port,
          Condition::any_port, Condition::client_ip, Condition::server_ip, Condition::any_ip,
          Condition::learned, Condition::dns_name, Condition::server_name, Condition::any_name,
          Condition::app}) {
        const ConditionEntry& entry = entry_of(condition);
        all += std::string(entry.key) + " = " + literal(entry) + "; ";
    }
    // Everything holds, so that everything is tried.
    const IpAddress address = *parse_address("198.51.100.9");
    Facts facts;
    facts.client = facts.server = &address;
    facts.client_port = facts.server_port = 65535;
    facts.ip_proto = 6;
    facts.vlan = 4094;
    facts.dns_name = facts.server_name = "pool.example";
    facts.learned = true;
    facts.app = Dialect::stratum_v1;
    const auto ruleset =
        must_load(policy_text("", "{ name = \"r\"; action = \"drop\"; when = { " + all + "}; }"));
    Trace trace;
    EXPECT_EQ(ruleset->explain(facts, trace).why, Condition::app);
    std::string order;
    for (const TriedCondition& tried : trace.rules[0].conditions) {
        order += std::string(to_text(tried.condition)) + " ";
    }
    // The trace names the condition that matched, not the any_ condition.
    EXPECT_EQ(order,
              "app proto vlan client_port server_port server_port client_ip server_ip server_ip "
              "learned dns_name server_name dns_name ");
}

}  // namespace
}  // namespace minerwall::policy

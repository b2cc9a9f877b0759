#include <gtest/gtest.h>

#include <array>
#include <random>

#include "policy_text.hpp"

namespace minerwall::policy {
namespace {

constexpr std::string_view kLists =
    R"(ports = { type = "port"; values = ( 3333, "4000-4010" ); };)"
    R"( pools = { type = "domain"; values = [ "pool.example", "=exact.example" ]; };)"
    R"( odd = { type = "name-pattern"; values = [ "xmr-[0-9]+\\..+" ]; };)"
    R"( addrs = { type = "ip"; values = [ "198.51.100.0/24", "2001:db8::/32" ]; };)"
    R"( rigs = { type = "ip"; values = [ "10.20.0.0/24" ]; };)";
constexpr std::string_view kRules =
    R"({ name = "rigs"; when = { client_ip = "@rigs"; }; action = "allow"; },)"
    R"( { name = "names"; when = { any_name = [ "@pools", "@odd" ]; proto = "tcp"; }; action = "reset"; },)"
    R"( { name = "dns"; when = { dns_name = "@pools"; }; action = "sinkhole"; },)"
    R"( { name = "payload"; when = { app = "mining"; vlan = [ 0, 7 ]; }; action = "drop"; },)"
    R"( { name = "learned"; when = { learned = true; }; action = "reset"; },)"
    R"( { name = "both"; when = { any_ip = "@addrs"; any_port = "@ports"; }; action = "drop"; })";

bool same(const Decision& a, const Decision& b) {
    return a.action == b.action && a.why == b.why && a.observe_only == b.observe_only &&
           a.by_name == b.by_name && a.by_address == b.by_address && a.rule == b.rule &&
           a.list == b.list && a.entry == b.entry;
}

TEST(Explain, SaysWhichConditionFailedAndWhichEntryHeld) {
    const auto ruleset = must_load(policy_text(kLists, kRules));
    const IpAddress client = *parse_address("10.0.0.1");
    const IpAddress server = *parse_address("198.51.100.9");
    Facts facts;
    facts.client = &client;
    facts.server = &server;
    facts.client_port = 50000;
    facts.server_port = 4004;
    facts.ip_proto = 17;
    Trace trace;
    const Decision decision = ruleset->explain(facts, trace);
    ASSERT_EQ(decision.rule, 5);
    ASSERT_EQ(trace.rules.size(), 6u);
    EXPECT_FALSE(trace.rules[0].matched);
    ASSERT_EQ(trace.rules[0].conditions.size(), 1u);
    EXPECT_EQ(trace.rules[0].conditions[0].condition, Condition::client_ip);
    EXPECT_TRUE(trace.rules[0].conditions[0].known);
    EXPECT_FALSE(trace.rules[0].conditions[0].held);
    // No name is known, which differs from a name that is on no list.
    EXPECT_EQ(trace.rules[2].conditions[0].condition, Condition::dns_name);
    EXPECT_FALSE(trace.rules[2].conditions[0].known);
    const TriedRule& last = trace.rules[5];
    EXPECT_TRUE(last.matched);
    ASSERT_EQ(last.conditions.size(), 2u);
    EXPECT_EQ(last.conditions[0].condition, Condition::server_port);
    EXPECT_EQ(ruleset->entry_text(last.conditions[0].list, last.conditions[0].entry), "4000-4010");
    EXPECT_EQ(last.conditions[1].condition, Condition::server_ip);
    EXPECT_EQ(ruleset->list(last.conditions[1].list).name, "addrs");
}

TEST(Explain, GivesTheDecisionOfDecideForAnyFacts) {
    const auto ruleset = must_load(policy_text(kLists, kRules));
    std::mt19937 random(7);
    const std::array<IpAddress, 4> addresses = {
        *parse_address("10.20.0.3"), *parse_address("198.51.100.9"), *parse_address("203.0.113.1"),
        *parse_address("2001:db8::9")};
    const std::array<std::string_view, 5> names = {"", "eu.pool.example", "exact.example",
                                                   "other.example", "xmr-7.example"};
    const std::array<std::uint16_t, 4> ports = {0, 443, 3333, 4010};
    std::array<unsigned, 7> decided{};  // by rule; the last one: by no rule
    for (unsigned round = 0; round < 20'000; ++round) {
        const auto pick = [&](const auto& from) { return from[random() % from.size()]; };
        const IpAddress client = pick(addresses);
        const IpAddress server = pick(addresses);
        Facts facts;
        facts.client = random() % 8 == 0 ? nullptr : &client;
        facts.server = random() % 8 == 0 ? nullptr : &server;
        facts.client_port = pick(ports);
        facts.server_port = pick(ports);
        facts.ip_proto = random() % 2 == 0 ? 6 : 17;
        facts.vlan = static_cast<std::uint16_t>(random() % 9);
        facts.dns_name = pick(names);
        facts.server_name = facts.dns_name.empty() ? pick(names) : std::string_view{};
        facts.learned = random() % 4 == 0;
        facts.app = static_cast<Dialect>(random() % kDialectCount);
        Trace trace;
        const Decision decision = ruleset->decide(facts, 0);
        ASSERT_TRUE(same(decision, ruleset->explain(facts, trace)));
        const bool matched = decision.rule != kNoRule;
        ++decided[matched ? decision.rule : 6];
        ASSERT_EQ(trace.rules.size(), matched ? decision.rule + 1u : ruleset->all_rule_count());
        for (const TriedRule& rule : trace.rules) {
            ASSERT_EQ(rule.matched, matched && rule.rule == decision.rule);
            ASSERT_FALSE(rule.conditions.empty());
            for (std::size_t i = 0; i < rule.conditions.size(); ++i) {
                const TriedCondition& tried = rule.conditions[i];
                // In a rule that does not match, only the last tried condition fails.
                ASSERT_EQ(tried.held, rule.matched || i + 1 != rule.conditions.size());
                ASSERT_TRUE(tried.known || !tried.held);
            }
        }
    }
    for (const unsigned count : decided) {
        EXPECT_GT(count, 0u);  // else the facts above try nothing
    }
}

}  // namespace
}  // namespace minerwall::policy

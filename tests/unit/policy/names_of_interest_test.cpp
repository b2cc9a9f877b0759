#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <string>
#include <string_view>

#include "policy_text.hpp"

namespace minerwall::policy {
namespace {

constexpr std::string_view kLists =
    R"(pools = { type = "domain"; values = [ "pool.example" ]; };)"
    R"( exact = { type = "domain"; category = "other"; values = [ "=exact.example" ]; };)"
    R"( pats = { type = "name-pattern"; values = [ "xmr[0-9]+\\..*" ]; };)"
    R"( addrs = { type = "ip"; values = [ "198.51.100.0/24" ]; };)"
    R"( rigs = { type = "ip"; values = [ "10.20.0.0/24" ]; };)";

constexpr std::array<std::string_view, 8> kRules = {
    R"({ name = "rigs"; when = { client_ip = "@rigs"; any_name = "@exact"; }; action = "allow"; })",
    R"({ name = "dns"; when = { dns_name = "@pools"; }; action = "sinkhole"; })",
    R"({ name = "sni"; when = { server_name = [ "@pools", "@pats" ]; proto = "tcp"; }; action = "reset"; })",
    R"({ name = "both"; when = { any_name = "@pats"; app = "mining"; }; action = "drop"; })",
    R"({ name = "learned"; when = { learned = true; }; action = "reset"; })",
    R"({ name = "server"; when = { server_ip = "@addrs"; }; action = "drop"; })",
    R"({ name = "port"; when = { any_port = 3333; }; action = "observe"; })",
    R"({ name = "off"; when = { any_name = "other.example"; }; action = "drop"; enabled = false; })"};

class NamesOfInterestTest : public testing::Test {
  protected:
    template <typename From>
    auto pick(const From& from) {
        return from[random_() % from.size()];
    }
    Facts some_facts() {
        static const std::array<IpAddress, 3> kAddresses = {*parse_address("10.20.0.3"),
                                                            *parse_address("198.51.100.9"),
                                                            *parse_address("203.0.113.1")};
        static constexpr std::array<std::uint16_t, 3> kPorts = {0, 443, 3333};
        Facts facts;
        facts.client = &kAddresses[random_() % 3];
        facts.server = &kAddresses[random_() % 3];
        facts.client_port = 50000;
        facts.server_port = pick(kPorts);
        facts.ip_proto = random_() % 2 == 0 ? 6 : 17;
        facts.app = random_() % 4 == 0 ? Dialect::stratum_v1 : Dialect::none;
        return facts;
    }
    std::string_view some_name() {
        static constexpr std::array<std::string_view, 6> kNames = {
            "", "eu.pool.example", "exact.example", "xmr7.example", "other.example", "www.example"};
        return pick(kNames);
    }
    // A policy of some of the rules, in some order.
    std::unique_ptr<Ruleset> some_rules() {
        std::array<std::string_view, kRules.size()> rules = kRules;
        std::shuffle(rules.begin(), rules.end(), random_);
        std::string text;
        for (std::size_t i = 0; i < 1 + random_() % rules.size(); ++i) {
            text += (text.empty() ? "" : ", ") + std::string(rules[i]);
        }
        return must_load(policy_text(kLists, text));
    }

    std::mt19937 random_{7};
};

TEST_F(NamesOfInterestTest, AnswersLikeTheDecisionsForDnsNames) {
    unsigned told[2] = {};
    for (unsigned policy = 0; policy < 60; ++policy) {
        const auto rules = some_rules();
        for (unsigned round = 0; round < 400; ++round) {
            Facts facts = some_facts();
            facts.dns_name = some_name();
            facts.learned = random_() % 4 == 0;
            const bool decided = rules->decide(facts, 0).why == Condition::dns_name;
            ASSERT_EQ(rules->names_of_interest().has_dns_name(facts, 0), decided);
            ++told[decided];
        }
    }
    EXPECT_GT(told[false], 100u);
    EXPECT_GT(told[true], 100u);
}

TEST_F(NamesOfInterestTest, AnswersLikeTheDecisionsForServerNames) {
    unsigned told[2] = {};
    for (unsigned policy = 0; policy < 60; ++policy) {
        const auto rules = some_rules();
        for (unsigned round = 0; round < 400; ++round) {
            Facts nameless = some_facts();
            nameless.learned = random_() % 4 == 0;
            Facts named = nameless;
            named.server_name = some_name();
            named.learned = nameless.learned || random_() % 4 == 0;
            Facts target = some_facts();
            target.server_name = named.server_name;
            const bool has_target = random_() % 4 == 0;
            std::uint16_t rule = rules->decide(named, 0).rule;
            if (has_target) {
                rule = std::min(rule, rules->decide(target, 0).rule);
            }
            const bool differs = rule != rules->decide(nameless, 0).rule;
            ASSERT_EQ(rules->names_of_interest().has_server_name(nameless, named,
                                                                 has_target ? &target : nullptr, 0),
                      differs);
            ++told[differs];
        }
    }
    EXPECT_GT(told[false], 100u);
    EXPECT_GT(told[true], 100u);
}

TEST_F(NamesOfInterestTest, ANameOnNoListMattersWhereItIsLearned) {
    const auto rules = must_load(
        policy_text("", "{ name = \"r\"; when = { learned = true; }; action = \"reset\"; }"));
    const Facts nameless;
    Facts named = nameless;
    named.server_name = "www.example";
    EXPECT_FALSE(rules->names_of_interest().has_server_name(nameless, named, nullptr, 0));
    named.learned = true;
    EXPECT_TRUE(rules->names_of_interest().has_server_name(nameless, named, nullptr, 0));
}

}  // namespace
}  // namespace minerwall::policy

#include <gtest/gtest.h>

#include "policy_text.hpp"

namespace minerwall::policy {
namespace {

constexpr std::string_view kLists = R"(
    ports = { type = "port"; values = ( 3333, "4000-4010" ); };
    pools = { type = "domain"; values = [ "pool.example", "=exact.example" ]; };
    addrs = { type = "ip"; values = [ "198.51.100.0/24", "2001:db8::/32" ]; };
    rigs  = { type = "ip"; values = [ "10.20.0.0/24" ]; };
    pats  = { type = "name-pattern"; values = [ "xmr[0-9]+\\..*" ]; };
    exch  = { type = "domain"; category = "other"; values = [ "exchange.example" ]; };
)";

class Decide : public testing::Test {
  protected:
    // A rule of the text `NAME: WHEN -> ACTION` for each argument.
    void rules(std::string_view text, std::string_view mode = "enforce") {
        std::string lists(kLists);
        for (char& c : lists) {
            c = c == '\n' ? ' ' : c;
        }
        ruleset_ = must_load(policy_text(lists, text, mode));
        facts_ = {};
        facts_.client = &client_;
        facts_.server = &server_;
        facts_.client_port = 50000;
        facts_.server_port = 443;
        facts_.ip_proto = 6;
    }
    Decision decide() const { return ruleset_->decide(facts_, 0); }
    std::string rule_name() const {
        const Decision d = decide();
        return d.rule == kNoRule ? "" : ruleset_->rule(d.rule).name;
    }
    void client(const char* text) { client_ = *parse_address(text); }
    void server(const char* text) { server_ = *parse_address(text); }

    std::unique_ptr<Ruleset> ruleset_;
    Facts facts_;
    IpAddress client_ = *parse_address("10.0.0.1");
    IpAddress server_ = *parse_address("203.0.113.1");
};

TEST_F(Decide, WhatCannotBeReadIsDroppedBehindAllRules) {
    rules("{ name = \"mine\"; action = \"allow\"; when = { server_port = 500; }; }");
    EXPECT_EQ(decide().rule, kNoRule) << "all of it was read";
    facts_.unreadable = bit_of(Unreadable::tunnels);
    EXPECT_EQ(rule_name(), "unreadable");
    EXPECT_EQ(decide().action, Action::drop);
    EXPECT_EQ(decide().why, Condition::unreadable);
    EXPECT_EQ(decide().entry, static_cast<std::uint32_t>(Unreadable::tunnels));
    facts_.server_port = 500;
    EXPECT_EQ(rule_name(), "mine");
}

TEST_F(Decide, EachKindOfUnreadableHasItsWord) {
    const auto loaded = [](std::string_view setting) {
        return must_load(policy_text("", "") + "unreadable" + std::string(setting));
    };
    const auto action_of = [&](Unreadable kind) {
        facts_.unreadable = bit_of(kind);
        return decide().action;
    };
    ruleset_ = loaded(": { tunnels = \"observe\"; tls_hello = \"drop\"; default = \"forward\"; };");
    EXPECT_EQ(ruleset_->rule_count(), 0u);
    EXPECT_EQ(action_of(Unreadable::tunnels), Action::observe);
    EXPECT_EQ(rule_name(), "unreadable-observed");
    EXPECT_EQ(action_of(Unreadable::tls_hello), Action::drop);
    EXPECT_EQ(action_of(Unreadable::link_tags), Action::allow);
    ruleset_ = loaded(" = \"observe\";");
    EXPECT_EQ(action_of(Unreadable::link_tags), Action::observe);
    ruleset_ = loaded(" = \"forward\";");
    EXPECT_EQ(action_of(Unreadable::dns_question), Action::allow);
}

TEST_F(Decide, WithoutAMatchTheFlowIsAllowed) {
    rules(R"({ name = "p"; when = { any_port = "@ports"; }; action = "drop"; })");
    const Decision d = decide();
    EXPECT_EQ(d.action, Action::allow);
    EXPECT_EQ(d.rule, kNoRule);
    EXPECT_EQ(d.list, kNoList);
    EXPECT_EQ(d.entry, kNoEntry);
    EXPECT_EQ(d.why, Condition::none);
    EXPECT_EQ(ruleset_->entry_text(d.list, d.entry), "");
}

TEST_F(Decide, TheFirstRuleThatMatchesDecides) {
    rules(R"({ name = "rigs"; when = { client_ip = "@rigs"; }; action = "allow"; },
             { name = "ports"; when = { server_port = "@ports"; }; action = "drop"; },
             { name = "late"; when = { server_port = 3333; }; action = "reset"; })");
    facts_.server_port = 3333;
    EXPECT_EQ(rule_name(), "ports");
    client("10.20.0.7");
    EXPECT_EQ(rule_name(), "rigs");
    EXPECT_EQ(decide().action, Action::allow);
}

TEST_F(Decide, NamesTheListAndTheEntryThatMatched) {
    rules(R"({ name = "ports"; when = { any_port = "@ports"; }; action = "drop"; })");
    facts_.server_port = 4005;
    const Decision d = decide();
    ASSERT_NE(d.list, kNoList);
    EXPECT_EQ(ruleset_->list(d.list).name, "ports");
    EXPECT_EQ(ruleset_->entry_text(d.list, d.entry), "4000-4010");
    EXPECT_EQ(d.why, Condition::server_port);
}

TEST_F(Decide, AnAnyConditionNamesTheSideThatMatched) {
    rules(R"({ name = "port"; when = { any_port = "@ports"; }; action = "observe"; },
             { name = "ip"; when = { any_ip = "@addrs"; }; action = "drop"; })");
    facts_.client_port = 3333;
    EXPECT_EQ(decide().why, Condition::client_port);
    facts_.client_port = 1;
    client("2001:db8::9");
    EXPECT_EQ(decide().why, Condition::client_ip);
    server("198.51.100.9");
    EXPECT_EQ(decide().why, Condition::server_ip);
}

TEST_F(Decide, AllConditionsOfARuleMustHold) {
    rules(R"({ name = "r"; when = { client_ip = "10.0.0.0/8"; server_port = "@ports";
                                     proto = "tcp"; vlan = ( 7, "100-199" ); }; action = "drop"; })");
    facts_.server_port = 3333;
    facts_.vlan = 150;
    EXPECT_EQ(rule_name(), "r");
    facts_.vlan = 8;
    EXPECT_EQ(rule_name(), "");
    facts_.vlan = 7;
    facts_.ip_proto = 17;
    EXPECT_EQ(rule_name(), "");
    facts_.ip_proto = 6;
    client("192.0.2.1");
    EXPECT_EQ(rule_name(), "");
}

TEST_F(Decide, AnyValueOfAConditionWillDo) {
    rules(R"({ name = "r"; when = { server_port = ( "@ports", 8333, "9000-9002" ); };
               action = "drop"; })");
    for (const std::uint16_t port :
         {std::uint16_t{3333}, std::uint16_t{8333}, std::uint16_t{9001}}) {
        facts_.server_port = port;
        EXPECT_EQ(rule_name(), "r") << port;
    }
    facts_.server_port = 9003;
    EXPECT_EQ(rule_name(), "");
    facts_.server_port = 9001;
    const Decision d = decide();
    EXPECT_EQ(ruleset_->list(d.list).name, "") << "literals are a list without a name";
    EXPECT_EQ(ruleset_->entry_text(d.list, d.entry), "9000-9002");
}

TEST_F(Decide, ARuleWithoutConditionsMatchesEverything) {
    rules(R"({ name = "all"; when = { }; action = "drop"; })");
    facts_ = {};
    EXPECT_EQ(rule_name(), "all");
    EXPECT_EQ(decide().why, Condition::none);
}

TEST_F(Decide, TheMostTellingConditionIsTheReason) {
    rules(R"({ name = "r"; when = { app = "mining"; server_name = "@pools"; server_ip = "@addrs";
                                     server_port = "@ports"; }; action = "reset"; },
             { name = "n"; when = { server_name = "@pools"; server_ip = "@addrs"; };
               action = "reset"; })");
    server("198.51.100.1");
    facts_.server_port = 3333;
    facts_.server_name = "eu.pool.example";
    facts_.app = Dialect::cryptonote;
    EXPECT_EQ(decide().why, Condition::app);
    EXPECT_TRUE(decide().by_name);
    EXPECT_TRUE(decide().by_address);
    facts_.server_port = 443;
    EXPECT_EQ(decide().why, Condition::server_name);
    EXPECT_EQ(ruleset_->entry_text(decide().list, decide().entry), "pool.example");
}

TEST_F(Decide, EvidenceThatArrivesLaterChangesTheDecision) {
    rules(R"({ name = "dns"; when = { dns_name = "@pools"; }; action = "sinkhole"; },
             { name = "sni"; when = { server_name = "@pools"; }; action = "reset"; },
             { name = "app"; when = { app = "stratum"; }; action = "drop"; },
             { name = "port"; when = { any_port = "@ports"; }; action = "observe"; })");
    facts_.server_port = 3333;
    EXPECT_EQ(rule_name(), "port");
    facts_.server_name = "www.example";
    EXPECT_EQ(rule_name(), "port");
    facts_.app = Dialect::stratum_v1;
    EXPECT_EQ(rule_name(), "app");
    facts_.server_name = "a.pool.example";
    EXPECT_EQ(rule_name(), "sni");
}

TEST_F(Decide, ASinkholeOutsideOfDnsDrops) {
    rules(R"({ name = "any"; when = { any_name = "@pools"; }; action = "sinkhole"; })");
    facts_.dns_name = "a.pool.example";
    EXPECT_EQ(decide().action, Action::sinkhole);
    EXPECT_EQ(decide().why, Condition::dns_name);
    facts_.dns_name = {};
    facts_.server_name = "a.pool.example";
    EXPECT_EQ(decide().action, Action::drop);
    EXPECT_EQ(decide().why, Condition::server_name);
}

TEST_F(Decide, OnlyListedNamesAndServersRecogniseMining) {
    rules(R"({ name = "port"; when = { server_port = "@ports"; }; action = "drop"; },
             { name = "client"; when = { client_ip = "@rigs"; }; action = "drop"; },
             { name = "exch"; when = { server_name = "@exch"; }; action = "drop"; },
             { name = "server"; when = { server_ip = "@addrs"; }; action = "observe"; },
             { name = "name"; when = { server_name = [ "@pools", "literal.example" ]; };
               action = "reset"; },
             { name = "misc"; category = "other"; when = { server_name = "misc.example"; };
               action = "drop"; })"
          "");
    const auto both = [&] { return std::pair(decide().by_name, decide().by_address); };
    facts_.server_port = 3333;
    EXPECT_EQ(both(), std::pair(false, false)) << "a port alone is never mining";
    facts_.server_port = 443;
    client("10.20.0.1");
    EXPECT_EQ(both(), std::pair(false, false)) << "a client's address is a scope";
    client("10.0.0.1");
    facts_.server_name = "exchange.example";
    EXPECT_EQ(both(), std::pair(false, false)) << "a list of another category";
    facts_.server_name = "x.pool.example";
    EXPECT_EQ(both(), std::pair(true, false));
    facts_.server_name = "literal.example";
    EXPECT_EQ(both(), std::pair(true, false));
    facts_.server_name = "misc.example";
    EXPECT_EQ(both(), std::pair(false, false));
    server("198.51.100.1");
    EXPECT_EQ(both(), std::pair(false, true));
}

TEST_F(Decide, AnAllowRuleRecognisesNothing) {
    rules(R"({ name = "ok"; when = { server_name = "@pools"; server_ip = "@addrs"; };
               action = "allow"; })");
    server("198.51.100.1");
    facts_.server_name = "pool.example";
    EXPECT_EQ(rule_name(), "ok");
    EXPECT_FALSE(decide().by_name);
    EXPECT_FALSE(decide().by_address);
}

TEST_F(Decide, ObserveModeOfPolicyOrRuleKeepsTheVerdictAndSaysSo) {
    constexpr std::string_view kRules =
        R"({ name = "a"; when = { server_port = 1; }; action = "drop"; mode = "observe"; },
           { name = "b"; when = { server_port = 2; }; action = "drop"; })";
    rules(kRules);
    facts_.server_port = 1;
    EXPECT_EQ(decide().action, Action::drop);
    EXPECT_TRUE(decide().observe_only);
    facts_.server_port = 2;
    EXPECT_FALSE(decide().observe_only);
    rules(kRules, "observe");
    facts_.server_port = 2;
    EXPECT_EQ(decide().action, Action::drop);
    EXPECT_TRUE(decide().observe_only);
}

TEST_F(Decide, AppMatchesTheDialectsThatItNames) {
    rules(R"({ name = "two"; when = { app = [ "ethproxy", "getwork" ]; }; action = "drop"; },
             { name = "any"; when = { app = "stratum"; }; action = "reset"; })");
    facts_.app = Dialect::ethproxy;
    EXPECT_EQ(rule_name(), "two");
    facts_.app = Dialect::getwork;
    EXPECT_EQ(rule_name(), "two");
    for (unsigned i = 1; i < kDialectCount; ++i) {
        facts_.app = static_cast<Dialect>(i);
        EXPECT_EQ(rule_name() != "", is_mining(facts_.app)) << to_text(facts_.app);
    }
    rules(R"({ name = "node"; when = { app = "coin-p2p"; }; action = "drop"; })");
    facts_.app = Dialect::coin_p2p;
    EXPECT_EQ(rule_name(), "node");
    facts_.app = Dialect::none;
    EXPECT_EQ(rule_name(), "");
}

TEST_F(Decide, NamePatternsMatchWholeNamesInAnyCase) {
    rules(R"({ name = "p"; when = { any_name = "@pats"; }; action = "drop"; })");
    facts_.server_name = "xmr12.example";
    EXPECT_EQ(rule_name(), "p");
    EXPECT_EQ(ruleset_->entry_text(decide().list, decide().entry), "xmr[0-9]+\\..*");
    facts_.server_name = "my-xmr12.example";
    EXPECT_EQ(rule_name(), "");
    facts_.server_name = "XMR1.EXAMPLE";
    EXPECT_EQ(rule_name(), "p");
}

TEST_F(Decide, AFlowThatIsNotIpMatchesNoAddress) {
    rules(R"({ name = "r"; when = { any_ip = "@addrs"; }; action = "drop"; })");
    facts_.client = nullptr;
    facts_.server = nullptr;
    EXPECT_EQ(rule_name(), "");
}

TEST_F(Decide, KnowsWhetherARuleAsksForLearnedServers) {
    rules(R"({ name = "r"; when = { any_port = "@ports"; }; action = "drop"; })");
    EXPECT_FALSE(ruleset_->needs_learned());
    rules(R"({ name = "r"; when = { learned = true; }; action = "drop"; })");
    EXPECT_TRUE(ruleset_->needs_learned());
    rules(R"({ name = "r"; when = { learned = true; }; action = "drop"; enabled = false; })");
    EXPECT_FALSE(ruleset_->needs_learned()) << "the rule is disabled";
}

}  // namespace
}  // namespace minerwall::policy

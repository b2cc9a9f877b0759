#include "policy/load.hpp"

#include <gtest/gtest.h>

#include "policy_text.hpp"

namespace minerwall::policy {
namespace {

TEST(Load, KeepsEverythingThatARuleSays) {
    const auto ruleset = must_load(R"(
version = 1;
mode = "enforce";
lists: {
  names = { type = "domain"; values = [ "Pool.Example.", "*.wild.example" ]; note = "pools"; };
};
rules: (
  { name = "sink"; when = { dns_name = "@names"; }; action = "sinkhole"; risk = 40;
    answer = [ "192.0.2.1", "2001:db8::1" ]; ttl = 5; stage = "delivery";
    category = "pools"; note = "ask Ann"; },
  { name = "off"; when = { }; action = "drop"; enabled = false; },
  { name = "plain"; when = { server_port = 3333; }; action = "reset"; }
);
)");
    ASSERT_EQ(ruleset->rule_count(), 2u);
    const RuleInfo& sink = ruleset->rule(0);
    EXPECT_EQ(sink.name, "sink");
    EXPECT_EQ(sink.file, "policy");
    EXPECT_EQ(sink.line, 8u);
    EXPECT_EQ(sink.action, Action::sinkhole);
    EXPECT_EQ(sink.risk, 40);
    EXPECT_EQ(sink.answer.kind, SinkholeAnswer::Kind::address);
    EXPECT_TRUE(sink.answer.has_v4 && sink.answer.has_v6);
    EXPECT_EQ(to_text(sink.answer.v4), "192.0.2.1");
    EXPECT_EQ(to_text(sink.answer.v6), "2001:db8::1");
    EXPECT_EQ(sink.answer.ttl, 5u);
    EXPECT_EQ(sink.stage, "delivery");
    EXPECT_EQ(sink.category, "pools");
    EXPECT_EQ(sink.note, "ask Ann");
    const RuleInfo& plain = ruleset->rule(1);
    EXPECT_EQ(plain.line, 12u);
    EXPECT_EQ(plain.risk, 84);
    EXPECT_EQ(plain.stage, "actions on objective");
    EXPECT_EQ(plain.answer.kind, SinkholeAnswer::Kind::nxdomain);
    EXPECT_EQ(plain.answer.ttl, 60u);
    const List& list = ruleset->list(0);
    EXPECT_EQ(list.name, "names");
    EXPECT_EQ(list.note, "pools");
    EXPECT_EQ(list.line, 5u);
    EXPECT_EQ(list.entry_text(0), "pool.example");
    EXPECT_EQ(list.entry_text(1), "wild.example");
    EXPECT_GT(ruleset->memory_bytes(), 0u);
    EXPECT_GT(ruleset->loaded_at(), 0u);
    EXPECT_EQ(ruleset->workers(), 1u);
}

TEST(Load, TheExampleOfTheArchitecturePageLoads) {
    const auto ruleset = must_load(R"(
    version = 1;
    mode = "enforce";                        # or "observe"
    lists: {
      sec-port-cryptomining = { type = "port";   values = [ 3333, 4444, 5555, 6666, 7777, 8888, 9999 ]; };
      pool-names            = { type = "domain"; values = [ "pool.example" ]; };
      sanctioned-rigs       = { type = "ip";     values = [ "10.20.0.0/24" ]; };
    };
    rules: (
      { name = "sanctioned";  when = { client_ip = "@sanctioned-rigs"; };          action = "allow"; },
      { name = "pool-dns";    when = { dns_name = "@pool-names"; };                action = "sinkhole"; risk = 84; },
      { name = "pool-tls";    when = { server_name = "@pool-names"; };             action = "reset"; },
      { name = "stratum";     when = { app = "stratum"; };                         action = "reset"; },
      { name = "ports";       when = { any_port = "@sec-port-cryptomining"; };     action = "observe"; }
    );
)");
    EXPECT_EQ(ruleset->rule_count(), 5u);
    EXPECT_EQ(ruleset->entry_count(), 9u);
}

TEST(Load, WarnsWithoutRefusing) {
    const LoadResult result = load_text(
        policy_text(R"(unused = { type = "port"; values = [ 1, 1 ]; };
                       none = { type = "ip"; values = [ ]; };)",
                    R"({ name = "all"; when = { client_ip = "@none"; }; action = "drop"; },
                       { name = "every"; when = { }; action = "allow"; },
                       { name = "after"; when = { server_port = 1; }; action = "drop"; })"),
        {}, 1);
    EXPECT_TRUE(result.ok());
    const std::string all = format_all(result);
    EXPECT_NE(all.find("policy:2: warning: list `unused` is used by no rule"), all.npos) << all;
    EXPECT_NE(all.find("policy:2: warning: `1` is listed before, at policy:2"), all.npos) << all;
    EXPECT_EQ(all.find("policy:3"), all.npos) << "an empty list on purpose: " << all;
    EXPECT_NE(all.find("rule `after` is never reached: rule `every` above it"), all.npos) << all;
    EXPECT_EQ(all.find("error"), all.npos) << all;
}

TEST(Load, CarriesAScratchForEachWorker) {
    const LoadResult result = load_text(
        policy_text(
            R"(p = { type = "name-pattern"; values = [ "a+\\.example", ".*\\.pool\\..*" ]; };)",
            R"({ name = "r"; when = { server_name = "@p"; }; action = "drop"; })"),
        {}, 3);
    ASSERT_TRUE(result.ok()) << format_all(result);
    Facts facts;
    facts.server_name = "eu.pool.example";
    for (unsigned worker = 0; worker < 3; ++worker) {
        EXPECT_EQ(result.ruleset->decide(facts, worker).entry, 1u);
    }
}

TEST(Load, LoadsAMillionNamesAndAMillionAddresses) {
    std::string names, addresses;
    names.reserve(24u << 20);
    for (unsigned i = 0; i < 1'000'000; ++i) {
        names += "pool" + std::to_string(i) + ".example.com\n";
        addresses += std::to_string(1 + i % 9) + '.' + std::to_string(i / 62'500) + '.' +
                     std::to_string(i / 250 % 250) + '.' + std::to_string(i % 250) + '\n';
    }
    const auto dir = std::filesystem::path(testing::TempDir()) / "minerwall-million";
    std::filesystem::create_directories(dir);
    const auto write = [&](const char* name, const std::string& text) {
        std::FILE* f = std::fopen((dir / name).c_str(), "wb");
        ASSERT_NE(f, nullptr);
        std::fwrite(text.data(), 1, text.size(), f);
        std::fclose(f);
    };
    write("names", names);
    write("addresses", addresses);
    const LoadResult result =
        load_text(policy_text(R"(n = { type = "domain"; files = [ "names" ]; };
                                 a = { type = "ip"; files = [ "addresses" ]; };)",
                              R"({ name = "r"; when = { server_name = "@n"; }; action = "drop"; },
                                 { name = "s"; when = { server_ip = "@a"; }; action = "drop"; })"),
                  dir, 1);
    std::filesystem::remove_all(dir);
    ASSERT_TRUE(result.ok()) << format_all(result);
    EXPECT_EQ(result.ruleset->entry_count(), 2'000'000u);
    EXPECT_LT(result.ruleset->memory_bytes(), 110u << 20);
    RecordProperty("bytes", static_cast<int>(result.ruleset->memory_bytes()));
    Facts facts;
    facts.server_name = "x.pool999999.example.com";
    EXPECT_EQ(result.ruleset->decide(facts, 0).entry, 999'999u);
}

}  // namespace
}  // namespace minerwall::policy

#include "policy/store.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "policy_text.hpp"

namespace minerwall::policy {
namespace {

using std::chrono::milliseconds;

// A policy whose port list and rule name carry its number.
std::unique_ptr<Ruleset> numbered(unsigned n, unsigned workers = 1) {
    LoadResult result = load_text(
        policy_text(
            "p = { type = \"port\"; values = [ " + std::to_string(n) +
                " ]; };"
                "x = { type = \"name-pattern\"; values = [ \"pool" +
                std::to_string(n) + "\" ]; };",
            "{ name = \"rule-" + std::to_string(n) +
                "\"; when = { server_port = \"@p\"; }; action = \"drop\"; },"
                "{ name = \"name\"; when = { server_name = \"@x\"; }; action = \"drop\"; }"),
        {}, workers);
    EXPECT_TRUE(result.ok()) << format_all(result);
    return std::move(result.ruleset);
}

TEST(Store, HasNothingBeforeTheFirstPublish) {
    Store store(1);
    EXPECT_EQ(store.current(), nullptr);
    EXPECT_FALSE(store.rollback());
}

TEST(Store, EpochsGoUpByOneFromOne) {
    Store store(1);
    EXPECT_EQ(store.publish(numbered(1)), 1u);
    EXPECT_EQ(store.current()->epoch(), 1u);
    EXPECT_EQ(store.publish(numbered(2)), 2u);
    EXPECT_EQ(store.current()->epoch(), 2u);
    ASSERT_TRUE(store.rollback());
    EXPECT_EQ(store.current()->epoch(), 3u) << "flows must be judged again";
    EXPECT_EQ(store.current()->rule(0).name, "rule-1");
    ASSERT_TRUE(store.rollback());
    EXPECT_EQ(store.current()->rule(0).name, "rule-2") << "the roles have changed";
}

TEST(Store, AConfirmedPolicyCannotBeRolledBack) {
    Store store(1);
    store.publish(numbered(1));
    store.publish(numbered(2));
    EXPECT_EQ(store.retired(), 1u);
    store.confirm();
    EXPECT_EQ(store.retired(), 0u);
    EXPECT_FALSE(store.rollback());
    EXPECT_EQ(store.current()->rule(0).name, "rule-2");
}

TEST(Store, GivesWhatNoReaderCanHoldToTheCaller) {
    Store store(1);
    store.register_worker(0);
    store.publish(numbered(1));
    store.publish(numbered(2), milliseconds(0));
    EXPECT_EQ(store.take_unused().size(), 0u) << "the worker may still read it";
    store.quiescent(0);
    const Store::Unused unused = store.take_unused();
    ASSERT_EQ(unused.size(), 1u);
    EXPECT_EQ(unused[0]->rule(0).name, "rule-1");
    EXPECT_EQ(store.retired(), 0u);
    store.unregister_worker(0);
}

TEST(Store, ARuleKeepsItsCounterOverReloads) {
    Store store(1);
    store.publish(numbered(1));
    const auto slot = store.current()->rule(0).counter_slot;
    const auto name_slot = store.current()->rule(1).counter_slot;
    EXPECT_NE(slot, name_slot);
    store.publish(numbered(2));
    EXPECT_NE(store.current()->rule(0).counter_slot, slot);
    EXPECT_EQ(store.current()->rule(1).counter_slot, name_slot);
    store.publish(numbered(1));
    EXPECT_EQ(store.current()->rule(0).counter_slot, slot);
}

TEST(Store, NamesBeyondTheLastSlotShareIt) {
    Store store(1);
    std::string rules;
    for (unsigned i = 0; i < 300; ++i) {
        rules += (i == 0 ? "" : ",") + std::string("{ name = \"r") + std::to_string(i) +
                 "\"; when = { vlan = 1; }; action = \"drop\"; }";
    }
    store.publish(must_load(policy_text("", rules)));
    std::set<std::uint16_t> slots;
    for (std::uint16_t i = 0; i < 300; ++i) {
        slots.insert(store.current()->rule(i).counter_slot);
    }
    EXPECT_EQ(slots.size(), kMaxRuleSlots);
    EXPECT_EQ(store.current()->rule(254).counter_slot, 254);
    EXPECT_EQ(store.current()->rule(255).counter_slot, kMaxRuleSlots - 1);
}

TEST(Store, WhatAReaderHoldsIsNotFreed) {
    Store store(2);
    store.publish(numbered(1));
    store.register_worker(0);
    const Ruleset* held = store.current();
    store.publish(numbered(2), milliseconds(1));  // the reader is not quiescent, so this times out
    store.publish(numbered(3), milliseconds(1));
    EXPECT_EQ(store.retired(), 2u);
    EXPECT_EQ(held->rule(0).name, "rule-1");
    EXPECT_FALSE(store.rollback()) << "a reader may still look into it";
    store.quiescent(0);
    store.publish(numbered(4), milliseconds(1));
    EXPECT_EQ(store.retired(), 1u) << "two freed, one replaced just now";
    store.quiescent(0);
    store.confirm();
    EXPECT_EQ(store.retired(), 0u);
    store.unregister_worker(0);
}

TEST(Store, ReadersAlwaysSeeOneWholeRulesetWhileItIsReplaced) {
    constexpr unsigned kReaders = 3;
    constexpr unsigned kReloads = 60;
    Store store(kReaders);
    store.publish(numbered(1, kReaders));
    std::atomic<bool> stop{false};
    std::atomic<unsigned> wrong{0};
    std::atomic<std::uint64_t> decisions{0};
    std::vector<std::thread> readers;
    for (unsigned reader = 0; reader < kReaders; ++reader) {
        readers.emplace_back([&, reader] {
            store.register_worker(reader);
            std::uint32_t newest = 0;
            while (!stop.load(std::memory_order_relaxed)) {
                const Ruleset* rules = store.current();
                // Epoch n was published as policy n: its port, its pattern and its rule agree.
                const auto n = rules->epoch();
                const std::string name = "pool" + std::to_string(n);
                Facts facts;
                facts.server_port = static_cast<std::uint16_t>(n);
                const Decision by_port = rules->decide(facts, reader);
                facts.server_port = 60'000;
                facts.server_name = name;
                const Decision by_name = rules->decide(facts, reader);
                if (n < newest || by_port.rule != 0 || by_name.rule != 1 ||
                    rules->rule(0).name != "rule-" + std::to_string(n)) {
                    wrong.fetch_add(1);
                }
                newest = n;
                decisions.fetch_add(1, std::memory_order_relaxed);
                store.quiescent(reader);
            }
            store.unregister_worker(reader);
        });
    }
    for (unsigned n = 2; n <= kReloads; ++n) {
        EXPECT_EQ(store.publish(numbered(n, kReaders)), n);
        EXPECT_LE(store.retired(), 2u);
    }
    stop.store(true);
    for (std::thread& t : readers) {
        t.join();
    }
    EXPECT_EQ(wrong.load(), 0u);
    EXPECT_GT(decisions.load(), kReloads);
    store.confirm();
    EXPECT_EQ(store.retired(), 0u);
}

}  // namespace
}  // namespace minerwall::policy

#include "flow/learned.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace minerwall::flow {
namespace {

IpAddress address(std::uint32_t n) {
    std::uint8_t four[4];
    store_be32(four, n);
    return IpAddress::v4(four);
}

Learned entry(std::uint32_t client, std::uint32_t server, std::uint16_t port, Nanos until) {
    Learned out{};
    out.client = address(client);
    out.server = address(server);
    out.port = port;
    out.until = until;
    out.ttl = 60;
    out.from = LearnedFrom::dns_answer;
    out.name.assign("pool.example");
    return out;
}
Learned name_entry(std::uint32_t client, std::string_view name, Nanos until) {
    Learned out{};
    out.client = address(client);
    out.is_name = true;
    out.until = until;
    out.from = LearnedFrom::reconnect;
    out.name.assign(name);
    return out;
}

class LearnedTest : public testing::Test {
  protected:
    static constexpr Nanos kNow = 1000 * kNanosPerSecond;
    static constexpr Nanos kLater = kNow + 60 * kNanosPerSecond;
    LearnedTable table_{64, HashKey{1, 2}};
    Learned out_;
};

TEST_F(LearnedTest, HoldsForItsClientAddressAndPortOnly) {
    EXPECT_EQ(table_.learn(entry(1, 9, 3333, kLater), kNow), LearnedTable::Outcome::added);
    EXPECT_TRUE(table_.find(address(1), address(9), 3333, kNow, out_));
    EXPECT_EQ(out_.name.view(), "pool.example");
    EXPECT_FALSE(table_.find(address(1), address(9), 443, kNow, out_));
    EXPECT_FALSE(table_.find(address(2), address(9), 3333, kNow, out_));
    EXPECT_FALSE(table_.find(address(1), address(8), 3333, kNow, out_));
}

TEST_F(LearnedTest, WithoutAPortItHoldsForAny) {
    table_.learn(entry(1, 9, 0, kLater), kNow);
    EXPECT_TRUE(table_.find(address(1), address(9), 3333, kNow, out_));
    EXPECT_TRUE(table_.find(address(1), address(9), 1, kNow, out_));
}

TEST_F(LearnedTest, EndsWithItsTimeAndIsSweptAway) {
    table_.learn(entry(1, 9, 0, kLater), kNow);
    EXPECT_TRUE(table_.find(address(1), address(9), 1, kLater - 1, out_));
    EXPECT_FALSE(table_.find(address(1), address(9), 1, kLater, out_));
    EXPECT_EQ(table_.size(), 1u);
    table_.sweep(kLater - 1, table_.slots());
    EXPECT_EQ(table_.size(), 1u);
    table_.sweep(kLater, table_.slots());
    EXPECT_EQ(table_.size(), 0u);
    EXPECT_EQ(table_.learn(entry(1, 9, 0, kLater + kLater), kLater), LearnedTable::Outcome::added);
    EXPECT_EQ(table_.size(), 1u);
}

TEST_F(LearnedTest, LearnedAgainItLastsLongerNeverShorter) {
    table_.learn(entry(1, 9, 0, kLater), kNow);
    EXPECT_EQ(table_.learn(entry(1, 9, 0, kLater + 5), kNow), LearnedTable::Outcome::refreshed);
    EXPECT_EQ(table_.learn(entry(1, 9, 0, kNow + 1), kNow), LearnedTable::Outcome::refreshed);
    EXPECT_TRUE(table_.find(address(1), address(9), 1, kLater + 4, out_));
    EXPECT_EQ(table_.size(), 1u);
}

TEST_F(LearnedTest, NamesAreFoundWholeAndForTheirClient) {
    table_.learn(name_entry(1, "next.pool.example", kLater), kNow);
    EXPECT_TRUE(table_.find_name(address(1), "next.pool.example", kNow, out_));
    EXPECT_FALSE(table_.find_name(address(1), "pool.example", kNow, out_));
    EXPECT_FALSE(table_.find_name(address(2), "next.pool.example", kNow, out_));
    EXPECT_FALSE(table_.find_name(address(1), "", kNow, out_));
    EXPECT_FALSE(table_.find(address(1), IpAddress{}, 0, kNow, out_)) << "a name is not an address";
}

TEST_F(LearnedTest, ANameThatDoesNotFitIsNotLearned) {
    const std::string room(out_.name.capacity(), 'a');
    EXPECT_EQ(table_.learn(name_entry(1, room, kLater), kNow), LearnedTable::Outcome::added);
    EXPECT_EQ(table_.learn(name_entry(1, room + "a", kLater), kNow), LearnedTable::Outcome::full);
    EXPECT_EQ(table_.learn(name_entry(1, "", kLater), kNow), LearnedTable::Outcome::full);
}

TEST_F(LearnedTest, TheClientWithTheMostMakesRoom) {
    for (std::uint32_t server = 1; server < 5000; ++server) {
        table_.learn(entry(1, server, 0, kLater), kNow);
    }
    EXPECT_EQ(table_.size(), table_.slots());
    for (std::uint32_t client = 100; client < 108; ++client) {
        EXPECT_EQ(table_.learn(entry(client, 1, 0, kLater), kNow), LearnedTable::Outcome::evicted);
        EXPECT_TRUE(table_.find(address(client), address(1), 1, kNow, out_));
    }
    EXPECT_EQ(table_.learn(entry(1, 9999, 0, kLater), kNow), LearnedTable::Outcome::added)
        << "it only replaces its own";
    EXPECT_EQ(table_.size(), table_.slots());
}

TEST_F(LearnedTest, IsBoundedAndAClientPushesOutOnlyItsOwn) {
    table_.learn(entry(7, 7, 0, kLater), kNow);
    unsigned full = 0;
    for (std::uint32_t server = 1; server < 5000; ++server) {
        full += table_.learn(entry(1, server, 0, kLater), kNow) == LearnedTable::Outcome::full;
    }
    EXPECT_LE(table_.size(), table_.slots());
    EXPECT_EQ(full, 0u) << "the client's own entries are replaced";
    EXPECT_TRUE(table_.find(address(7), address(7), 1, kNow, out_))
        << "another client's entry stays";
    for (std::uint32_t client = 100; client < 5000; ++client) {
        full += table_.learn(entry(client, 1, 0, kLater), kNow) == LearnedTable::Outcome::full;
    }
    EXPECT_GT(full, 0u) << "other clients' entries are not replaced";
    EXPECT_TRUE(table_.find(address(7), address(7), 1, kNow, out_));
}

// Under ThreadSanitizer, this also shows that there is no data race.
TEST_F(LearnedTest, AReaderNeverSeesHalfAnEntry) {
    std::atomic<bool> stop{false};
    std::atomic<unsigned> found{0};
    std::thread reader([&] {
        Learned seen;
        while (!stop.load(std::memory_order_relaxed)) {
            if (table_.find(address(1), address(9), 80, kNow, seen)) {
                // The writer sets ttl and until together.
                EXPECT_EQ(seen.until, kLater + seen.ttl);
                found.fetch_add(1, std::memory_order_relaxed);
            }
        }
    });
    for (std::uint32_t i = 0; i < 200'000 || found.load(std::memory_order_relaxed) == 0; ++i) {
        Learned next = entry(1, 9, 0, kLater + i);
        next.ttl = i;
        table_.learn(next, kNow);
    }
    stop = true;
    reader.join();
}

}  // namespace
}  // namespace minerwall::flow

#include "flow/table.hpp"

#include <gtest/gtest.h>

#include <set>

#include "frames.hpp"

namespace minerwall::flow {
namespace {

constexpr Nanos kStart = 1'700'000'000 * kNanosPerSecond;
constexpr HashKey kSecret{1, 2};

class TableTest : public testing::Test {
  protected:
    explicit TableTest(std::uint32_t capacity = 64) : table_(capacity, {}, kSecret) {
        table_.start_clock(kStart);
    }
    std::uint32_t find(std::uint32_t n) const {
        const FlowKey key = key_number(n);
        return table_.find(key, table_.hash(key));
    }
    std::uint32_t insert(std::uint32_t n) {
        const FlowKey key = key_number(n);
        return table_.insert(key, table_.hash(key), kStart);
    }

    FlowTable table_;
};

TEST_F(TableTest, CapacityIsAPowerOfTwoOfAtLeast64) {
    EXPECT_EQ(FlowTable(1, {}, kSecret).capacity(), 64u);
    EXPECT_EQ(FlowTable(65, {}, kSecret).capacity(), 128u);
    EXPECT_EQ(FlowTable(4096, {}, kSecret).capacity(), 4096u);
}

TEST_F(TableTest, ANewFlowHasNothingButItsKeyAndItsTime) {
    const std::uint32_t id = insert(1);
    ASSERT_NE(id, kNone);
    const Flow& flow = table_.at(id);
    EXPECT_EQ(table_.key(flow), key_number(1));
    const FlowDetails& details = table_.details(flow);
    EXPECT_EQ(details.first_seen, kStart);
    EXPECT_EQ(flow.last_seen_ms, FlowTable::to_ms(kStart));
    EXPECT_EQ(flow.flags, 0u);
    EXPECT_EQ(flow.rule, 0xffff);
    EXPECT_EQ(flow.verdict, Action::allow);
    EXPECT_EQ(flow.state, FlowState::fresh);
    EXPECT_EQ(flow.packets[0] + flow.packets[1] + flow.bytes[0] + flow.bytes[1], 0u);
    EXPECT_EQ(flow.inspection, kNone);
    EXPECT_EQ(details.name, kNone);
    EXPECT_EQ(details.finding, kNone);
    EXPECT_EQ(table_.dropped(flow), 0);
    EXPECT_EQ(flow.resets_sent, 0);
}

TEST_F(TableTest, DropsAreCountedUpToTheLargestNumber) {
    Flow& flow = table_.at(insert(1));
    for (unsigned i = 1; i <= 70'000; ++i) {
        table_.count_drop(flow);
        ASSERT_EQ(table_.dropped(flow), std::min(i, 65'535u));
    }
}

TEST_F(TableTest, FindsWhatIsInIt) {
    EXPECT_EQ(find(1), kNone);
    const std::uint32_t a = insert(1);
    const std::uint32_t b = insert(2);
    EXPECT_NE(a, b);
    EXPECT_EQ(find(1), a);
    EXPECT_EQ(find(2), b);
    EXPECT_EQ(find(3), kNone);
    EXPECT_EQ(table_.size(), 2u);
    table_.erase(a);
    EXPECT_EQ(find(1), kNone);
    EXPECT_EQ(find(2), b);
    EXPECT_EQ(table_.size(), 1u);
}

TEST_F(TableTest, AnEntryThatIsUsedAgainRemembersNothing) {
    const std::uint32_t a = insert(1);
    std::memset(static_cast<void*>(&table_.at(a).flags), 0x7f, sizeof(std::uint32_t));
    table_.at(a).packets[1] = 9;
    table_.at(a).resets_sent = 15;
    table_.erase(a);
    const std::uint32_t b = insert(2);
    ASSERT_EQ(b, a);
    EXPECT_EQ(table_.at(b).flags, 0u);
    EXPECT_EQ(table_.at(b).packets[1], 0u);
    EXPECT_EQ(table_.at(b).resets_sent, 0);
    EXPECT_EQ(find(1), kNone);
}

TEST_F(TableTest, Ipv6EndsThatShareTheirLastBytesAreToldApart) {
    constexpr std::uint64_t kHash = 0x1234'5678'9abc'def0;
    FlowKey keys[4] = {key_number(1), key_number(1), key_number(1), key_number(1)};
    keys[1].low.bytes[0] = 0x20;   // no mapped IPv4 address any more, with the same last bytes
    keys[2].high.bytes[7] = 0x01;  // the other end
    keys[3].low.bytes[0] = 0x20;
    keys[3].high.bytes[7] = 0x01;
    for (const FlowKey& key : keys) {
        EXPECT_EQ(table_.find(key, kHash), kNone);
        ASSERT_NE(table_.insert(key, kHash, kStart), kNone);
    }
    for (const FlowKey& key : keys) {
        Flow& flow = table_.at(table_.find(key, kHash));
        EXPECT_EQ(table_.key(flow), key);
        flow.set(Flow::client_is_low);
        EXPECT_EQ(table_.ends(flow).client, key.low);
        EXPECT_EQ(table_.ends(flow).server, key.high);
        flow.clear(Flow::client_is_low);
        EXPECT_EQ(table_.ends(flow).client, key.high);
    }
}

TEST_F(TableTest, TunnelAndWireOfAKeySurviveBesideTheMarkOfWideEnds) {
    FlowKey key = key_number(1);
    key.wire_and_tunnel = FlowKey::kTunnelled | 15;
    key.low.bytes[3] = 1;
    const std::uint32_t id = table_.insert(key, table_.hash(key), kStart);
    EXPECT_EQ(table_.key(table_.at(id)), key);
    EXPECT_TRUE(table_.at(id).key.is_tunnelled());
    EXPECT_EQ(table_.at(id).key.wire(), 15);
}

TEST_F(TableTest, CountsGoOnBeyondTheirFields) {
    Flow& flow = table_.at(insert(1));
    flow.set(Flow::client_is_low);
    flow.packets[1] = UINT32_MAX - 1;
    flow.bytes[1] = UINT32_MAX - 100;
    table_.count(flow, Direction::to_client, 100);
    EXPECT_EQ(table_.packets(flow, Direction::to_client), UINT32_MAX);
    EXPECT_EQ(table_.bytes(flow, Direction::to_client), UINT32_MAX);
    table_.count(flow, Direction::to_client, 100);
    EXPECT_EQ(table_.packets(flow, Direction::to_client), std::uint64_t{UINT32_MAX} + 1);
    EXPECT_EQ(table_.bytes(flow, Direction::to_client), std::uint64_t{UINT32_MAX} + 100);
    EXPECT_NE(flow.packets[1], 0u) << "a direction with packets must not look silent";
    EXPECT_EQ(table_.packets(flow, Direction::to_server), 0u);
    flow.swap_roles();  // what was carried follows the end that sent
    EXPECT_EQ(table_.packets(flow, Direction::to_server), std::uint64_t{UINT32_MAX} + 1);
    EXPECT_EQ(table_.bytes(flow, Direction::to_server), std::uint64_t{UINT32_MAX} + 100);
    EXPECT_EQ(table_.bytes(flow, Direction::to_client), 0u);
}

TEST_F(TableTest, KeysOfOneHashAreToldApart) {
    // The same hash for every key means one bucket and one tag, for any hash function.
    constexpr std::uint64_t kHash = 0x1234'5678'9abc'def0;
    std::set<std::uint32_t> ids;
    for (std::uint32_t n = 0; n < 4; ++n) {
        ids.insert(table_.insert(key_number(n), kHash, kStart));
    }
    EXPECT_EQ(ids.size(), 4u);
    for (std::uint32_t n = 0; n < 4; ++n) {
        const std::uint32_t id = table_.find(key_number(n), kHash);
        ASSERT_NE(id, kNone);
        EXPECT_EQ(table_.key(table_.at(id)), key_number(n));
    }
    EXPECT_EQ(table_.find(key_number(4), kHash), kNone);
}

TEST_F(TableTest, AHashThatMatchesAnEmptySlotIsNoFlow) {
    // Empty buckets have tag 0: a key with tag 0 must not be found there.
    EXPECT_EQ(table_.find(key_number(1), 0), kNone);
    const std::uint32_t id = table_.insert(key_number(1), 0, kStart);
    EXPECT_EQ(table_.find(key_number(1), 0), id);
    EXPECT_EQ(table_.find(key_number(2), 0), kNone);
}

TEST_F(TableTest, ABucketThatOverflowsUsesTheOtherChoice) {
    // 16 buckets of 8. All flows have bucket 3 first and bucket 9 second.
    constexpr std::uint64_t kHash = std::uint64_t{9} << 32 | 3;
    for (std::uint32_t n = 0; n < 16; ++n) {
        ASSERT_NE(table_.insert(key_number(n), kHash, kStart), kNone) << n;
    }
    EXPECT_EQ(table_.insert(key_number(16), kHash, kStart), kNone) << "both are full";
    EXPECT_EQ(table_.size(), 16u);
    for (std::uint32_t n = 0; n < 16; ++n) {
        EXPECT_NE(table_.find(key_number(n), kHash), kNone) << n;
    }
    // Other buckets still take flows.
    EXPECT_NE(table_.insert(key_number(16), 5, kStart), kNone);
}

TEST_F(TableTest, FullMeansExactlyItsCapacityAndAnEndMakesRoom) {
    for (std::uint32_t n = 0; n < table_.capacity(); ++n) {
        ASSERT_NE(insert(n), kNone) << n;
    }
    EXPECT_EQ(table_.size(), table_.capacity());
    EXPECT_EQ(insert(1000), kNone);
    EXPECT_EQ(insert(1001), kNone);
    EXPECT_EQ(table_.size(), table_.capacity());
    for (std::uint32_t n = 0; n < table_.capacity(); ++n) {
        ASSERT_NE(find(n), kNone) << "a refusal leaves the others alone";
    }
    table_.erase(find(7));
    EXPECT_NE(insert(1000), kNone);
    EXPECT_EQ(insert(1001), kNone);
}

TEST(FlowTable, FillsUpToItsCapacityWithRealHashes) {
    for (const std::uint64_t seed : {1, 2, 3, 4, 5, 6, 7, 8}) {
        FlowTable table(8192, {}, {seed, ~seed});
        table.start_clock(kStart);
        for (std::uint32_t n = 0; n < table.capacity(); ++n) {
            const FlowKey key = key_number(n);
            ASSERT_NE(table.insert(key, table.hash(key), kStart), kNone)
                << n << " of seed " << seed;
        }
    }
}

TEST_F(TableTest, AVisitWithACursorCoversEachFlowOnceWhileTheyAreErased) {
    for (std::uint32_t n = 0; n < 50; ++n) {
        ASSERT_NE(insert(n), kNone);
    }
    std::multiset<std::uint32_t> seen;
    std::size_t cursor = 0;
    unsigned calls = 0;
    bool more = true;
    while (more) {
        unsigned visited = 0;
        more = table_.visit(cursor, 10, [&](std::uint32_t id) {
            ++visited;
            seen.insert(load_be32(table_.at(id).key.high));
            if (seen.size() % 2 == 0) {
                table_.erase(id);
            }
        });
        EXPECT_LE(visited, 10u + 7u) << "at most the rest of one bucket over the budget";
        ASSERT_LT(++calls, 20u);
    }
    EXPECT_EQ(seen.size(), 50u);
    EXPECT_EQ(std::set<std::uint32_t>(seen.begin(), seen.end()).size(), 50u);
    EXPECT_EQ(table_.size(), 25u);
    EXPECT_GE(calls, 3u);
}

TEST_F(TableTest, AVisitOfAnEmptyTableEnds) {
    std::size_t cursor = 0;
    EXPECT_FALSE(table_.visit(cursor, 1, [](std::uint32_t) { FAIL(); }));
}

}  // namespace
}  // namespace minerwall::flow

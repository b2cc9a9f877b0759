#include "event/ring.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace minerwall::event {
namespace {

TEST(SlotRing, RoundsUpToAPowerOfTwoAndIsFullAfterThatMany) {
    SlotRing<int> ring(5);
    ASSERT_EQ(ring.capacity(), 8u);
    for (int i = 0; i < 8; ++i) {
        int* slot = ring.claim();
        ASSERT_NE(slot, nullptr);
        *slot = i;
        ring.publish();
    }
    EXPECT_EQ(ring.claim(), nullptr);
    EXPECT_EQ(ring.level(), 8u);
    EXPECT_EQ(*ring.peek(), 0);
    ring.release();
    EXPECT_NE(ring.claim(), nullptr);
}

TEST(SlotRing, AClaimedSlotIsNotSeenUntilItIsPublished) {
    SlotRing<int> ring(2);
    int* slot = ring.claim();
    EXPECT_EQ(ring.peek(), nullptr);
    EXPECT_EQ(ring.claim(), slot);
    *slot = 9;
    ring.publish();
    ASSERT_NE(ring.peek(), nullptr);
    EXPECT_EQ(*ring.peek(), 9);
}

TEST(SlotRing, TwoThreadsPassEverySlotInOrderAndWhole) {
    struct Slot {
        std::uint64_t head, body[30], tail;
    };
    constexpr std::uint64_t kCount = 50'000;
    SlotRing<Slot> ring(64);
    std::thread producer([&] {
        for (std::uint64_t i = 0; i < kCount;) {
            Slot* slot = ring.claim();
            if (slot == nullptr) {
                std::this_thread::yield();
                continue;
            }
            slot->head = slot->tail = i;
            slot->body[i % 30] = i;
            ring.publish();
            ++i;
        }
    });
    std::uint64_t wrong = 0;
    for (std::uint64_t i = 0; i < kCount;) {
        const Slot* slot = ring.peek();
        if (slot == nullptr) {
            std::this_thread::yield();
            continue;
        }
        wrong += slot->head != i || slot->tail != i || slot->body[i % 30] != i;
        ring.release();
        ++i;
    }
    producer.join();
    EXPECT_EQ(wrong, 0u);
    EXPECT_EQ(ring.level(), 0u);
}

TEST(Record, StartForgetsEverythingThatAnEarlierEventLeftInTheSlot) {
    Record r;
    r.start(Kind::detection, 5);
    r.use_match().rule.assign("old");
    r.use_name().text.assign("old.example");
    r.use_mining().agent.assign("old");
    r.vlan_count = 2;
    r.flow.dropped_packets = 9;
    r.start(Kind::flow_end, 6);
    EXPECT_EQ(r.parts, 0);
    EXPECT_EQ(r.vlan_count, 0);
    EXPECT_EQ(r.flow.dropped_packets, 0u);
    EXPECT_TRUE(r.use_match().rule.empty());
    EXPECT_TRUE(r.use_name().text.empty());
    EXPECT_TRUE(r.use_mining().agent.empty());
}

}  // namespace
}  // namespace minerwall::event

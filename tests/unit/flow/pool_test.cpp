#include "flow/pool.hpp"

#include <gtest/gtest.h>

#include <set>

namespace minerwall::flow {
namespace {

TEST(Pool, GivesEachRecordOnceAndThenSaysNone) {
    Pool<std::uint64_t> pool(5);
    std::set<std::uint32_t> taken;
    for (unsigned i = 0; i < 5; ++i) {
        const std::uint32_t id = pool.take();
        ASSERT_LT(id, pool.capacity());
        taken.insert(id);
        pool.at(id) = 100 + id;
    }
    EXPECT_EQ(taken.size(), 5u);
    EXPECT_EQ(pool.in_use(), 5u);
    EXPECT_EQ(pool.take(), kNone);
    EXPECT_EQ(pool.in_use(), 5u) << "a refusal takes nothing";
    for (const std::uint32_t id : taken) {
        EXPECT_EQ(pool.at(id), 100 + id);
    }
}

TEST(Pool, GivesWhatCameBackAgain) {
    Pool<std::uint32_t> pool(3);
    const std::uint32_t a = pool.take();
    const std::uint32_t b = pool.take();
    pool.take();
    pool.give_back(b);
    pool.give_back(a);
    EXPECT_EQ(pool.in_use(), 1u);
    const std::set<std::uint32_t> again = {pool.take(), pool.take()};
    EXPECT_EQ(again, (std::set<std::uint32_t>{a, b}));
    EXPECT_EQ(pool.take(), kNone);
}

TEST(Pool, DoesNotWearOut) {
    Pool<std::uint8_t> pool(4);
    std::set<std::uint32_t> held;
    for (unsigned i = 0; i < 10000; ++i) {
        if (held.size() == 4 || (i % 3 == 2 && !held.empty())) {
            const auto victim = i % 2 == 0 ? held.begin() : std::prev(held.end());
            pool.give_back(*victim);
            held.erase(victim);
        } else {
            const std::uint32_t id = pool.take();
            ASSERT_LT(id, 4u);
            ASSERT_TRUE(held.insert(id).second) << "handed out twice";
        }
        ASSERT_EQ(pool.in_use(), held.size());
    }
}

TEST(Pool, OfNoRecordsRefuses) {
    Pool<std::uint64_t> pool(0);
    EXPECT_EQ(pool.take(), kNone);
}

}  // namespace
}  // namespace minerwall::flow

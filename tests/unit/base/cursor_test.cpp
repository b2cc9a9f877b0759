#include "base/cursor.hpp"

#include <gtest/gtest.h>

#include <array>

namespace minerwall {
namespace {

constexpr std::array<std::uint8_t, 10> kBytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

TEST(Cursor, ReadsInNetworkByteOrder) {
    Cursor c{kBytes};
    EXPECT_EQ(c.u8(), 1);
    EXPECT_EQ(c.be16(), 0x0203);
    EXPECT_EQ(c.be32(), 0x04050607U);
    c.skip(3);
    EXPECT_TRUE(c.ok());
    EXPECT_TRUE(c.at_end());
    EXPECT_EQ(c.offset(), 10U);
}

TEST(Cursor, TakeAndSkipMoveByTheirLength) {
    Cursor c{kBytes};
    c.skip(2);
    const Bytes three = c.take(3);
    EXPECT_EQ(three.size(), 3U);
    EXPECT_EQ(three[0], 3);
    EXPECT_EQ(c.left(), 5U);
    EXPECT_EQ(c.rest().front(), 6);
    EXPECT_EQ(c.take(5).size(), 5U);
    EXPECT_TRUE(c.ok() && c.at_end());
}

TEST(Cursor, EveryReadPastTheEndIsZeroAndLatches) {
    const auto expect_failed = [](Cursor& c) {
        EXPECT_FALSE(c.ok());
        EXPECT_TRUE(c.at_end());
        EXPECT_EQ(c.u8(), 0);
        EXPECT_EQ(c.be16(), 0);
        EXPECT_EQ(c.be32(), 0U);
        EXPECT_TRUE(c.take(1).empty());
        EXPECT_TRUE(c.rest().empty());
    };
    const Bytes one = Bytes(kBytes).first(1);
    {
        Cursor c{Bytes{}};
        EXPECT_EQ(c.u8(), 0);
        expect_failed(c);
    }
    {
        Cursor c{one};
        EXPECT_EQ(c.be16(), 0);
        expect_failed(c);
    }
    {
        Cursor c{one};
        EXPECT_EQ(c.be32(), 0U);
        expect_failed(c);
    }
    {
        Cursor c{one};
        EXPECT_TRUE(c.take(2).empty());
        expect_failed(c);
    }
    {
        Cursor c{one};
        c.skip(SIZE_MAX);
        expect_failed(c);
    }
}

TEST(Cursor, EmptyReadsAtTheEndAreNoFailure) {
    Cursor c{Bytes{}};
    EXPECT_TRUE(c.take(0).empty());
    c.skip(0);
    EXPECT_TRUE(c.ok());
}

}  // namespace
}  // namespace minerwall

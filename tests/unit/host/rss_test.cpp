#include "host/rss.hpp"

#include <gtest/gtest.h>

namespace minerwall::host {
namespace {

std::vector<std::uint16_t> table(std::size_t size, unsigned queues) {
    std::vector<std::uint16_t> out(size);
    for (std::size_t i = 0; i < size; ++i) {
        out[i] = static_cast<std::uint16_t>(i % queues);
    }
    return out;
}

TEST(SymmetricRss, BothDirectionsOfAFlowMeetUnderTheRepeatedKey) {
    for (const std::size_t key : {40U, 52U}) {
        for (const std::size_t size : {64U, 128U, 512U}) {
            for (const unsigned queues : {2U, 3U, 7U, 16U}) {
                EXPECT_TRUE(rss_is_symmetric(symmetric_key(key), table(size, queues), queues));
            }
        }
    }
}

TEST(SymmetricRss, TheUsualKeyIsFoundOut) {
    // The key of Microsoft's RSS verification suite, which many drivers start with.
    const std::vector<std::uint8_t> usual = {
        0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
        0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
        0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa};
    EXPECT_FALSE(rss_is_symmetric(usual, table(128, 4), 4));
}

TEST(SymmetricRss, OneByteOfTheKeyOffIsFoundOut) {
    for (const std::size_t at : {7U, 20U, 35U}) {
        std::vector<std::uint8_t> key = symmetric_key(40);
        key[at] ^= 0x10;
        EXPECT_FALSE(rss_is_symmetric(key, table(128, 4), 4)) << "byte " << at;
    }
}

TEST(SymmetricRss, UselessTablesAreRefused) {
    EXPECT_FALSE(rss_is_symmetric(symmetric_key(40), table(128, 4), 3)) << "names a queue too many";
    EXPECT_FALSE(rss_is_symmetric(symmetric_key(40), table(100, 4), 4)) << "not a power of two";
    EXPECT_FALSE(rss_is_symmetric(symmetric_key(40), {}, 4)) << "empty";
    EXPECT_FALSE(rss_is_symmetric(symmetric_key(40), table(128, 1), 4)) << "all in one queue";
    EXPECT_FALSE(rss_is_symmetric(symmetric_key(16), table(128, 4), 4)) << "key too short";
}

}  // namespace
}  // namespace minerwall::host

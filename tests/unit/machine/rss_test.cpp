#include "machine/rss.hpp"

#include <gtest/gtest.h>
#include <rte_ethdev.h>

#include "machine/spread.hpp"

namespace minerwall::machine {
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

// The key of Microsoft's RSS verification suite, which many drivers start with.
const std::vector<std::uint8_t> kUsual = {
    0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
    0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
    0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa};

TEST(SymmetricRss, TheUsualKeyIsFoundOut) {
    EXPECT_FALSE(rss_is_symmetric(kUsual, table(128, 4), 4));
}

TEST(Spread, IsWhatTheVerificationSuiteSays) {
    Spread spread;
    spread.key = kUsual;
    spread.table = table(65536, 65536);  // the low half of the hash itself
    const IpAddress src4 = *parse_address("66.9.149.187");
    const IpAddress dst4 = *parse_address("161.142.100.80");
    const IpAddress src6 = *parse_address("3ffe:2501:200:1fff::7");
    const IpAddress dst6 = *parse_address("3ffe:2501:200:3::1");
    EXPECT_EQ(spread.queue(src4, dst4, 6, 2794, 1766), 0x8fc2u) << "no ports: 0x323e8fc2";
    EXPECT_EQ(spread.queue(src6, dst6, 6, 2794, 1766), 0x8cd5u) << "0x2cc18cd5";
    spread.types = RTE_ETH_RSS_TCP;
    EXPECT_EQ(spread.queue(src4, dst4, 6, 2794, 1766), 0xc178u) << "0x51ccc178";
    EXPECT_EQ(spread.queue(src6, dst6, 6, 2794, 1766), 0x7d3du) << "0x40207d3d";
    EXPECT_EQ(spread.queue(src4, dst4, 17, 2794, 1766), 0x8fc2u) << "UDP is not asked for";
    EXPECT_EQ(spread.queue(src4, dst4, 1, 0, 0), 0x8fc2u) << "ICMP has no ports";
}

TEST(Spread, BothDirectionsAgreeWithTheSymmetricKey) {
    const Spread spread{symmetric_key(40), table(128, 4), RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP};
    const IpAddress a = *parse_address("10.1.2.3");
    const IpAddress b = *parse_address("192.0.2.77");
    for (std::uint16_t port = 1000; port < 1100; ++port) {
        EXPECT_EQ(spread.queue(a, b, 6, port, 443), spread.queue(b, a, 6, 443, port));
    }
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
}  // namespace minerwall::machine

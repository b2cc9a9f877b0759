// Urgent bytes: we do not know what the application reads, so we judge both readings.
#include <gtest/gtest.h>

#include "stream_fixture.hpp"
#include "support/messages.hpp"

namespace minerwall::path {
namespace {

using packet::kTcpAck;
using packet::kTcpUrg;
using test::kLogin;

class UrgentTest : public StreamFixture {};

TEST_F(UrgentTest, AnUrgentByteIsLeftOut) {
    // Linux takes it out of the stream.
    std::string with = kLogin;
    with.insert(20, "!");
    peers.open();
    EXPECT_TRUE(peers.up(0, with.substr(0, 10)));
    EXPECT_FALSE(peers.up(10, with.substr(10), {.flags = kTcpAck | kTcpUrg, .urgent = 11}));
    EXPECT_TRUE(cut());
}

TEST_F(UrgentTest, AnUrgentByteIsReadInLineToo) {
    peers.open();
    EXPECT_TRUE(peers.up(0, part(0, 10)));
    EXPECT_FALSE(peers.up(10, part(10), {.flags = kTcpAck | kTcpUrg, .urgent = 11}));
    EXPECT_TRUE(cut());
}

TEST_F(UrgentTest, AnUrgentByteBehindAHole) {
    std::string with = kLogin;
    with.insert(60, "!");
    peers.open();
    EXPECT_TRUE(peers.up(50, with.substr(50), {.flags = kTcpAck | kTcpUrg, .urgent = 11}));
    EXPECT_FALSE(peers.up(0, with.substr(0, 50)));
    EXPECT_TRUE(cut());
}

TEST_F(UrgentTest, ASecondUrgentByteDoesNotPass) {
    peers.open();
    EXPECT_TRUE(peers.up(0, "{\"a", {.flags = kTcpAck | kTcpUrg, .urgent = 3}));
    EXPECT_FALSE(peers.up(3, "bc", {.flags = kTcpAck | kTcpUrg, .urgent = 1}));
    EXPECT_EQ(conflicts(), 1u);
}

// Telnet's interrupt, FTP's ABOR: as often as the user likes, even if the connection's beginning
// did not pass here.
TEST_F(UrgentTest, AProtocolThatNobodyKnowsMaySendManyOneByOne) {
    may_read_ = true;
    for (const bool joined : {false, true}) {
        Rig one(kResetMining);
        Peers pair(one);
        if (!joined) {
            pair.open();
            pair.down(0, "\xff\xfd\x18login: ");
            pair.ack(1);
        }
        std::size_t at = 0;
        for (int i = 0; i < 5; ++i) {
            for (int key = 0; key < 20; ++key) {
                EXPECT_TRUE(pair.up(at++, "l"));
                pair.ack(0);
            }
            EXPECT_TRUE(pair.up(at, "\xff\xf4\xff\xf2", {.flags = kTcpAck | kTcpUrg, .urgent = 4}));
            at += 4;
            pair.ack(0);
        }
        EXPECT_EQ(one.dropped(Reason::stream_conflict), 0u);
    }
}

TEST_F(UrgentTest, ASettledFlowMaySendUrgentBytes) {
    may_read_ = true;
    peers.open();
    peers.up(0, test::client_hello("news.example"));
    peers.ack(0);
    for (std::uint16_t i = 0; i < 3; ++i) {
        EXPECT_TRUE(peers.up(2000 + i * 4u, "abcd", {.flags = kTcpAck | kTcpUrg, .urgent = 2}));
    }
}

// If one reading settles with the first segment, the other one continues.
TEST_F(UrgentTest, AHelloInTwoSegmentsIsReadInLine) {
    may_read_ = true;
    const std::string hello = test::client_hello("pool.example");
    for (std::size_t at = 1; at < hello.size(); ++at) {
        Rig named(rule("server_name = \"@pools\"", "drop"));
        Peers pair(named);
        pair.open();
        const bool first = pair.up(0, std::string_view(hello).substr(0, at),
                                   {.flags = kTcpAck | kTcpUrg, .urgent = 1});
        EXPECT_FALSE(first && pair.up(at, std::string_view(hello).substr(at))) << at;
    }
}

}  // namespace
}  // namespace minerwall::path

// Connections of which only a part passes here: joined midway, or only one side.
#include <gtest/gtest.h>

#include "stream_fixture.hpp"
#include "support/messages.hpp"

namespace minerwall::path {
namespace {

using packet::kTcpAck;
using packet::kTcpSyn;
using test::kLogin;

class JoinedTest : public StreamFixture {};

TEST_F(JoinedTest, WhereTheReceiverIsNeverHeardTheGuardEnds) {
    may_read_ = true;
    peers.send(0, 1000, "", {.flags = kTcpSyn});
    const std::string hello = test::client_hello("news.example");
    peers.up(0, hello);
    EXPECT_NE(rig.counters().stream_memory_used.get(), 0u);
    for (unsigned i = 0; i < 70; ++i) {
        peers.up(hello.size() + i, "x");
    }
    EXPECT_EQ(rig.counters().stream_memory_used.get(), 0u);
}

TEST_F(JoinedTest, WhereTheReceiverIsNeverHeardAMessageBehindAHoleIsSeenByItself) {
    peers.send(0, 90'000, "", {.flags = kTcpSyn});  // a decoy: the real one did not pass here
    EXPECT_FALSE(peers.up(100'000, kLogin));
    EXPECT_TRUE(cut());
}

// Hours of silence on a connection of which one side does not pass here.
TEST_F(JoinedTest, WhereTheReceiverIsNeverHeardAKeepAlivesZeroPasses) {
    may_read_ = true;
    peers.send(0, 1000, "", {.flags = kTcpSyn});
    const std::string request = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
    peers.up(0, request);
    for (unsigned i = 0; i < 5; ++i) {
        rig.now += 45 * kNanosPerSecond;
        EXPECT_TRUE(peers.up(request.size() - 1, std::string_view("\0", 1)));
    }
    EXPECT_FALSE(peers.up(request.size() - 1, "x"));
    EXPECT_EQ(conflicts(), 1u);
}

TEST_F(JoinedTest, WhereOnlyTheServerIsHeardTheNextConnectionIsAnother) {
    may_read_ = true;
    const std::string page =
        "HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n" + std::string(4000, 'a');
    peers.send(1, 50000, "", {.flags = kTcpSyn | kTcpAck});
    EXPECT_TRUE(peers.down(0, page));
    peers.restart(1000, 51000);
    peers.send(1, 51000, "", {.flags = kTcpSyn | kTcpAck});
    EXPECT_TRUE(peers.down(0, std::string(2000, 'b')));
    EXPECT_EQ(conflicts(Rig::kServerSide), 0u);
}

TEST_F(JoinedTest, MidStreamAMessageOutOfOrderIsFound) {
    may_read_ = true;
    peers.up(0, "{\"id\":0}\n");
    peers.down(0, "{\"id\":0}\n");
    peers.ack(0);
    peers.up(9 + 40, part(40));
    EXPECT_FALSE(peers.up(9, part(0, 40)));
    EXPECT_TRUE(cut());
}

TEST_F(JoinedTest, BytesThatWentAnotherWayAreAGap) {
    may_read_ = true;
    peers.open();
    peers.up(0, "{\"id\":0,");
    peers.lie_about_ack = 92;  // the receiver has a hundred bytes
    peers.ack(0);
    peers.lie_about_ack = 0;
    EXPECT_FALSE(peers.up(100, kLogin)) << "read as joined in the middle";
    EXPECT_EQ(rig.counters().stream_gaps.get(), 1u);
}

// The sender's last segment comes first.
TEST_F(JoinedTest, BackwardsItIsReadAsTheReceiverReadsIt) {
    for (const bool heard : {false, true}) {
        Rig one(kResetMining);
        Peers pair(one);
        bool passed = true;
        for (std::size_t i = kLogin.size(); i-- > 0 && passed;) {
            passed = pair.up(i, part(i, 1));
            if (heard) {
                pair.ack(0);
            }
        }
        EXPECT_FALSE(passed) << (heard ? "heard" : "not heard");
        EXPECT_FALSE(pair.reads(0, kLogin));
    }
}

TEST_F(JoinedTest, RecordsOfAHelloBackwards) {
    may_read_ = true;
    Rig named(rule("server_name = \"@pools\"", "drop"));
    Peers pair(named);
    // Each of the small records looks like the beginning of another connection.
    const std::string hello = test::client_hello("pool.example");
    std::string records;
    for (std::size_t at = 5; at < hello.size(); at += 16) {
        const std::string piece = hello.substr(at, 16);
        records += std::string("\x16\x03\x01\0", 4) + static_cast<char>(piece.size()) + piece;
    }
    bool passed = true;
    for (std::size_t at = (records.size() - 1) / 7 * 7;; at -= 7) {
        passed = pair.up(at, std::string_view(records).substr(at, 7));
        pair.ack(0);
        if (at == 0) {
            break;
        }
    }
    EXPECT_FALSE(passed);
}

TEST_F(JoinedTest, DnsBehindAKeepAlive) {
    may_read_ = true;
    Rig named(rule("dns_name = \"@pools\"", "drop"));
    Peers pair(named);
    pair.server_port = 53;
    const std::string question = test::dns_message("pool.example");
    const std::string framed = std::string(1, '\0') + static_cast<char>(question.size()) + question;
    EXPECT_TRUE(pair.up(0, "#"));
    pair.ack(0);
    EXPECT_FALSE(pair.up(1, framed));
}

}  // namespace
}  // namespace minerwall::path

// Ends of connections, real and forged, and the next connection on the same ports.
#include <gtest/gtest.h>

#include "stream_fixture.hpp"
#include "support/messages.hpp"

namespace minerwall::path {
namespace {

using packet::kTcpAck;
using packet::kTcpFin;
using packet::kTcpRst;
using packet::kTcpSyn;
using test::kLogin;

class EndingTest : public StreamFixture {};

// The reset or the FIN may not have reached the server; a pause makes the flow old.
TEST_F(EndingTest, AResetAndAPauseDoNotTearAMessageInTwo) {
    for (const std::uint32_t wrong : {0u, 77u, 100'000u}) {
        for (const unsigned from : {0u, 1u}) {
            Rig one(kResetMining);
            Peers pair(one);
            pair.open();
            pair.up(0, part(0, 30));
            pair.ack(0);
            pair.send(from, pair.next(from) + wrong, "", {.flags = kTcpRst | kTcpAck});
            one.now += 60 * kNanosPerSecond;
            one.turn();
            EXPECT_FALSE(pair.up(30, part(30))) << wrong << " from " << from;
        }
    }
}

TEST_F(EndingTest, AnHourIsNotLongEnoughToTearALineInTwo) {
    peers.open();
    peers.up(0, part(0, 30));
    peers.ack(0);
    peers.send(0, peers.next(0), "", {.flags = kTcpRst, .arrives = false});
    for (unsigned i = 0; i < 2; ++i) {
        rig.now += 1799 * kNanosPerSecond;
        rig.turn();
        peers.ack(0);
    }
    EXPECT_FALSE(peers.up(30, part(30)));
}

TEST_F(EndingTest, AfterAWholeLineAResetEndsTheFlowSoon) {
    may_read_ = true;
    peers.open();
    peers.up(0, "GET / HTTP/1.1\r\n");
    peers.ack(0);
    peers.send(0, peers.next(0), "", {.flags = kTcpRst});
    rig.now += 121 * kNanosPerSecond;
    rig.turn();
    EXPECT_EQ(rig.worker().context().flows.size(), 0u);
    EXPECT_EQ(rig.counters().inspections_active.get(), 0u);
}

TEST_F(EndingTest, AResetOutsideTheExactNumberClosesNothing) {
    may_read_ = true;
    peers.open();
    peers.up(0, part(0, 30));
    peers.ack(0);
    peers.send(0, peers.next(0) + 1, "", {.flags = kTcpRst});
    EXPECT_EQ(rig.worker().context().flows.size(), 1u);
    rig.now += 600 * kNanosPerSecond;
    rig.turn();
    EXPECT_EQ(rig.worker().context().flows.size(), 1u) << "established";
}

TEST_F(EndingTest, AFinAndAPauseDoNotTearAMessageInTwo) {
    peers.open();
    peers.up(0, part(0, 30));
    peers.ack(0);
    peers.send(0, peers.next(0), "", {.flags = kTcpFin | kTcpAck, .arrives = false});
    peers.send(1, peers.next(1), "", {.flags = kTcpFin | kTcpAck});
    rig.now += 60 * kNanosPerSecond;
    rig.turn();
    EXPECT_FALSE(peers.up(30, part(30)));
    EXPECT_TRUE(cut());
}

TEST_F(EndingTest, AFakeEndAndAFakeSynDoNotMakeUsForget) {
    peers.open();
    peers.up(0, part(0, 30));
    peers.ack(0);
    peers.send(0, peers.next(0), "", {.flags = kTcpRst, .arrives = false});
    peers.send(0, 4'000'000, "", {.flags = kTcpSyn, .arrives = false});
    EXPECT_EQ(rig.counters().flows_created.get(), 1u);
    EXPECT_FALSE(peers.up(30, part(30)));
    EXPECT_TRUE(cut());
}

TEST_F(EndingTest, ACleanEndReleasesTheRecordAtOnce) {
    may_read_ = true;
    peers.open();
    peers.up(0, "GET / HTTP/1.1\r\n");
    peers.ack(0);
    EXPECT_EQ(rig.counters().inspections_active.get(), 1u);
    peers.send(0, peers.next(0), "", {.flags = kTcpFin | kTcpAck});
    peers.lie_about_ack = 1;
    peers.send(1, peers.next(1), "", {.flags = kTcpFin | kTcpAck});
    peers.send(0, peers.next(0) + 1, "", {});
    peers.lie_about_ack = 0;
    EXPECT_EQ(rig.counters().inspections_active.get(), 0u);
    rig.now += 11 * kNanosPerSecond;
    rig.turn();
    EXPECT_EQ(rig.worker().context().flows.size(), 0u);
}

TEST_F(EndingTest, AnotherConnectionOnTheSamePortsIsReadFromItsBeginning) {
    may_read_ = true;
    peers.open();
    peers.up(0, "SSH-2.0-x\r\n");
    peers.ack(0);
    // Its end did not pass here.
    peers.restart(5000, 3'000'000'000);
    peers.open();
    EXPECT_EQ(rig.counters().flows_created.get(), 2u);
    EXPECT_TRUE(peers.up(40, part(40)));
    EXPECT_FALSE(peers.up(0, part(0, 40)));
    EXPECT_FALSE(peers.reads(0, kLogin));
}

TEST_F(EndingTest, ASynAckThatAnswersNoSynEndsNothing) {
    peers.open();
    peers.up(0, part(0, 20));
    peers.ack(0);
    peers.lie_about_ack = 100'000;
    peers.send(1, 7'000'000, "", {.flags = kTcpSyn | kTcpAck});
    peers.lie_about_ack = 0;
    EXPECT_FALSE(peers.up(20, part(20)));
    EXPECT_TRUE(cut());
}

// We no longer read the old connection, and its end did not pass here.
TEST_F(EndingTest, ANewConnectionOnTheSettledPortsIsRead) {
    may_read_ = true;
    for (const std::uint32_t isn : {500'000u, 900'000'000u}) {
        Rig one(kResetMining);
        Peers pair(one);
        pair.open();
        const std::string noise(1000, '\x91');
        for (std::size_t at = 0; at < 6000; at += 1000) {
            pair.up(at, noise);
            pair.ack(0);
            pair.down(at, noise);
            pair.ack(1);
        }
        one.now += 60 * kNanosPerSecond;
        pair.restart(isn, isn + 47'000);
        pair.open();
        pair.up(0, part(0, 30));
        EXPECT_FALSE(pair.up(30, part(30))) << isn;
    }
}

// The next connection on the same ports must not inherit from the old one.
TEST_F(EndingTest, ATornConnectionLeavesNothingToTheNext) {
    may_read_ = true;
    const std::string coin = rule("app = \"coin-p2p\"", "drop");
    Rig one(coin);
    Peers pair(one);
    pair.open();
    pair.up(0, "POST /x HTTP/1.1\r\nHost: a.example\r\nContent-Length: 9\r\n\r\nabcd");
    pair.ack(0);
    pair.send(0, pair.next(0), "", {.flags = kTcpRst | kTcpAck});
    one.publish(coin);
    EXPECT_TRUE(pair.send(0, pair.next(0), "", {}));
    one.now += kNanosPerSecond;
    pair.restart(90'000'000, 70'000'000);
    pair.open();
    EXPECT_TRUE(pair.up(0, "GET / HTTP/1.1\r\nHost: www.example\r\n\r\n"));
}

TEST_F(EndingTest, AnotherConnectionInTheSameBurstIsReadFromItsBeginning) {
    peers.open();
    peers.up(0, part(0, 20));
    rig.put(Rig::kClientSide, peers.build(0, peers.next(0), "xyz", {}));
    rig.put(Rig::kClientSide, peers.build(0, peers.next(0) + 3, "", {.flags = kTcpRst}));
    rig.turn();
    rig.take(Rig::kServerSide);
    peers.restart(5000, 3'000'000'000);
    peers.open();
    EXPECT_FALSE(peers.up(0, kLogin));
}

}  // namespace
}  // namespace minerwall::path

// Streams that somebody tries to hide in: what the receiving application would read is judged, and
// a complete mining message never gets to it.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "support/messages.hpp"
#include "tcp_peers.hpp"

namespace minerwall::path {
namespace {

using packet::kTcpAck;
using packet::kTcpFin;
using packet::kTcpRst;
using packet::kTcpSyn;
using packet::kTcpUrg;
using test::kLogin;
using test::kNotify;
using test::kSubscribe;

class StreamTest : public testing::Test {
  protected:
    ~StreamTest() override {
        if (!may_read_) {
            EXPECT_FALSE(peers.reads(0, kLogin)) << "the pool got a complete message";
        }
        bench.end_flows();
        EXPECT_EQ(bench.counters().stream_memory_used.get(), 0u);
    }
    std::string_view part(std::size_t from, std::size_t n = std::string::npos) const {
        return std::string_view(kLogin).substr(from, n);
    }
    std::uint64_t conflicts(std::uint16_t port = Bench::kClientSide) {
        return bench.dropped(Reason::stream_conflict, port);
    }
    bool cut() { return bench.dropped(Reason::policy_reset) != 0; }

    const std::string decoy_ = std::string(kLogin.size(), '#');
    bool may_read_ = false;  // the test does not try to hide kLogin
    Bench bench{kResetMining};
    Peers peers{bench};
};

TEST_F(StreamTest, OneByteSegmentsBackwards) {
    peers.open();
    for (std::size_t i = kLogin.size(); i-- > 0;) {
        peers.up(i, part(i, 1));
    }
    EXPECT_TRUE(cut());
    EXPECT_EQ(peers.has_read(0), "") << "the segment that fills the hole is dropped";
    EXPECT_GE(bench.counters().stream_held_segments.get(), kLogin.size() - 1);
}

TEST_F(StreamTest, EveryCutInBothOrders) {
    // Without its line end the message is complete, too.
    for (std::size_t at = 1; at + 1 < kLogin.size(); ++at) {
        Bench one(kResetMining);
        Peers pair(one);
        pair.open();
        if (at % 2 == 0) {
            EXPECT_TRUE(pair.up(at, part(at)));
            EXPECT_FALSE(pair.up(0, part(0, at))) << "cut at " << at;
        } else {
            EXPECT_TRUE(pair.up(0, part(0, at)));
            EXPECT_FALSE(pair.up(at, part(at))) << "cut at " << at;
        }
        EXPECT_FALSE(pair.reads(0, kLogin));
    }
}

TEST_F(StreamTest, ShuffledWithOverlapsAndRepetitions) {
    std::mt19937 random(7);
    for (unsigned round = 0; round < 50; ++round) {
        Bench one(kResetMining);
        Peers pair(one, static_cast<std::uint32_t>(random()), static_cast<std::uint32_t>(random()));
        pair.open();
        std::vector<std::pair<std::size_t, std::size_t>> pieces;
        for (std::size_t at = 0; at < kLogin.size();) {
            const std::size_t n = 1 + random() % 20;
            const std::size_t back = std::min<std::size_t>(at, random() % 6);
            pieces.emplace_back(at - back, n + back);
            pieces.emplace_back(at, n);
            at += n;
        }
        std::shuffle(pieces.begin(), pieces.end(), random);
        for (const auto& [offset, n] : pieces) {
            pair.up(offset, part(offset, n));
            if (random() % 3 == 0) {
                pair.ack(0);
            }
        }
        EXPECT_FALSE(pair.reads(0, kLogin)) << "round " << round;
        EXPECT_GE(one.dropped(Reason::policy_reset), 1u) << "round " << round;
        EXPECT_EQ(one.dropped(Reason::stream_conflict), 0u) << "round " << round;
    }
}

TEST_F(StreamTest, TheServersHalfIsReadTheSameWay) {
    may_read_ = true;
    peers.open();
    const std::string_view notify = kNotify;
    EXPECT_TRUE(peers.down(20, notify.substr(20)));
    EXPECT_FALSE(peers.down(0, notify.substr(0, 20)));
    EXPECT_FALSE(peers.reads(1, kNotify));
}

TEST_F(StreamTest, ADecoyThatDiesOnItsWayDoesNotStandInForTheBytes) {
    peers.open();
    EXPECT_TRUE(peers.up(0, decoy_, {.arrives = false}));
    EXPECT_FALSE(peers.up(0, kLogin)) << "other bytes under the same numbers";
    EXPECT_EQ(conflicts(), 1u);
}

TEST_F(StreamTest, ADecoyForTheMiddleOfAMessage) {
    peers.open();
    peers.up(0, part(0, 50));
    peers.up(50, std::string(20, '#'), {.arrives = false});
    EXPECT_FALSE(peers.up(50, part(50)));
    EXPECT_FALSE(peers.up(40, part(40, 30)));
    EXPECT_EQ(conflicts(), 2u);
}

TEST_F(StreamTest, ADecoyBehindAHole) {
    peers.open();
    peers.up(50, std::string(20, '#'), {.arrives = false});
    EXPECT_FALSE(peers.up(50, part(50)));
    EXPECT_FALSE(peers.up(0, kLogin));
    EXPECT_EQ(conflicts(), 2u);
}

TEST_F(StreamTest, AConflictIsForgottenWhenTheReceiverHasTheFirstCopy) {
    may_read_ = true;
    peers.open();
    EXPECT_TRUE(peers.up(0, "GET / HTTP/1.1\r\n"));
    EXPECT_FALSE(peers.up(0, "PUT / HTTP/1.1\r\n"));
    peers.ack(0);
    EXPECT_TRUE(peers.up(0, "PUT / HTTP/1.1\r\n")) << "nobody will read it";
    EXPECT_EQ(peers.has_read(0), "GET / HTTP/1.1\r\n");
}

TEST_F(StreamTest, AnAcknowledgementFromTheWrongEndFreesNothing) {
    peers.open();
    peers.up(0, decoy_, {.arrives = false});
    peers.lie_about_ack = static_cast<std::uint32_t>(decoy_.size());
    peers.ack(0, {.wrong_end = true});
    peers.lie_about_ack = 0;
    EXPECT_FALSE(peers.up(0, kLogin));
    EXPECT_EQ(conflicts(), 1u);
}

TEST_F(StreamTest, AnAcknowledgementInTheServersNameBeforeItEverSpokeFreesNothing) {
    peers.ack(0, {.wrong_end = true});
    peers.send(0, 1000, "", {.flags = kTcpSyn});
    peers.lie_about_ack = static_cast<std::uint32_t>(decoy_.size());
    peers.up(0, decoy_, {.arrives = false});
    peers.ack(0, {.wrong_end = true});
    peers.ack(0, {.wrong_end = true});
    EXPECT_FALSE(peers.up(0, kLogin));
}

TEST_F(StreamTest, ABadChecksumIsNobodysData) {
    peers.open();
    peers.up(0, decoy_, {.checksum = 1});
    EXPECT_FALSE(peers.up(0, kLogin));
    EXPECT_EQ(conflicts(), 0u);
    EXPECT_TRUE(cut());
}

TEST_F(StreamTest, WithoutAnAckItIsNobodysData) {
    peers.open();
    EXPECT_TRUE(peers.up(0, decoy_, {.flags = packet::kTcpPsh, .arrives = false}));
    EXPECT_TRUE(peers.up(0, decoy_, {.flags = 0, .arrives = false}));
    EXPECT_FALSE(peers.up(0, kLogin));
    EXPECT_EQ(bench.counters().stream_ignored_segments.get(), 2u);
    EXPECT_EQ(conflicts(), 0u);
}

TEST_F(StreamTest, AStaleTimestampIsNobodysData) {
    peers.open({.timestamp = 5000}, {.timestamp = 9000, .echo = 5000});
    peers.up(0, part(0, 10), {.timestamp = 5100, .echo = 9000});
    peers.ack(0, {.timestamp = 9100, .echo = 5100});
    EXPECT_TRUE(
        peers.up(10, decoy_.substr(10), {.timestamp = 5050, .echo = 9100, .arrives = false}));
    EXPECT_FALSE(peers.up(10, part(10), {.timestamp = 5101, .echo = 9100}));
    EXPECT_EQ(bench.counters().stream_ignored_segments.get(), 1u);
    EXPECT_EQ(conflicts(), 0u);
    EXPECT_TRUE(cut());
}

TEST_F(StreamTest, ATimestampThatOnlyTheSenderHoldsForStaleIsData) {
    peers.open({.timestamp = 5000}, {.timestamp = 9000, .echo = 5000});
    peers.up(0, part(0, 10), {.timestamp = 5100, .echo = 9000});
    // The receiver was not heard to have taken 5100.
    peers.up(10, part(10, 10), {.timestamp = 5050, .echo = 9000});
    EXPECT_FALSE(peers.up(20, part(20), {.timestamp = 5101, .echo = 9100}));
}

TEST_F(StreamTest, ASegmentFarBeyondTheWindowIsNobodysData) {
    peers.open({.scale = 0}, {.scale = 0});
    peers.up(0, part(0, 10));
    peers.ack(0, {.window = 1000});
    EXPECT_TRUE(peers.up(600'000, decoy_, {.arrives = false}));
    EXPECT_EQ(bench.counters().stream_ignored_segments.get(), 1u);
    EXPECT_FALSE(peers.up(10, part(10)));
}

TEST_F(StreamTest, ASegmentThatOverrunsTheWindowIsData) {
    peers.open({.scale = 0}, {.scale = 0});
    peers.up(0, part(0, 10));
    peers.ack(0, {.window = 20});
    EXPECT_TRUE(peers.up(40, part(40)));
    EXPECT_FALSE(peers.up(10, part(10, 30)));
}

TEST_F(StreamTest, BytesSentIntoAZeroWindowAreJudgedAndNoOthersTakeTheirPlace) {
    peers.open();
    peers.up(0, part(0, 10));
    peers.ack(0, {.window = 0});
    EXPECT_TRUE(peers.up(10, decoy_.substr(10), {.arrives = false}));
    peers.ack(0);
    EXPECT_FALSE(peers.up(10, part(10)));
    EXPECT_EQ(conflicts(), 1u);
}

TEST_F(StreamTest, AKeepAliveByteIsNotRead) {
    peers.open();
    peers.up(0, part(0, 30));
    peers.ack(0);
    EXPECT_TRUE(peers.up(29, "\x01", {.arrives = false})) << "one byte of garbage, acknowledged";
    EXPECT_FALSE(peers.up(30, part(30)));
    EXPECT_EQ(conflicts(), 0u);
}

TEST_F(StreamTest, SequenceNumbersWrapInTheMessage) {
    for (std::uint32_t back = 0; back < kLogin.size(); back += 7) {
        Bench one(kResetMining);
        Peers pair(one, 0u - back - 2, 0xffffffff);
        pair.open();
        pair.up(60, part(60));
        pair.up(10, part(10, 50));
        EXPECT_FALSE(pair.up(0, part(0, 10))) << back;
    }
}

TEST_F(StreamTest, DataInASynIsRead) {
    EXPECT_TRUE(peers.send(0, 1000, part(0, 40), {.flags = kTcpSyn}));
    peers.send(1, 50000, "", {.flags = kTcpSyn | kTcpAck});
    EXPECT_FALSE(peers.up(40, part(40)));
    EXPECT_TRUE(cut());
}

TEST_F(StreamTest, AWholeMessageInASynIsDropped) {
    EXPECT_FALSE(peers.send(0, 1000, kLogin, {.flags = kTcpSyn}));
    EXPECT_TRUE(cut());
}

TEST_F(StreamTest, OtherDataThanTheSynsIsAConflict) {
    peers.send(0, 1000, decoy_, {.flags = kTcpSyn});
    peers.send(1, 50000, "", {.flags = kTcpSyn | kTcpAck});
    peers.send(0, 1001, "", {});
    EXPECT_FALSE(peers.up(0, kLogin)) << "a stack that takes no data in a SYN wants it again";
    EXPECT_EQ(conflicts(), 1u);
}

TEST_F(StreamTest, ASecondSynWithAnotherNumberDoesNotReplaceReadData) {
    EXPECT_TRUE(peers.send(0, 1000, part(0, 40), {.flags = kTcpSyn}));
    EXPECT_TRUE(peers.send(0, 1000, part(0, 40), {.flags = kTcpSyn})) << "sent again";
    EXPECT_FALSE(peers.send(0, 7000, "", {.flags = kTcpSyn}));
    EXPECT_EQ(conflicts(), 1u);
    peers.send(1, 50000, "", {.flags = kTcpSyn | kTcpAck});
    EXPECT_FALSE(peers.up(40, part(40)));
}

TEST_F(StreamTest, TheServersAnswerSaysWhichSynCounts) {
    for (const bool decoy_last : {false, true}) {
        Bench one(kResetMining);
        Peers pair(one);
        for (const std::uint32_t isn :
             {decoy_last ? 1000u : 70'000u, decoy_last ? 70'000u : 1000u}) {
            EXPECT_TRUE(pair.send(0, isn, "", {.flags = kTcpSyn}));
        }
        pair.send(1, 50000, "", {.flags = kTcpSyn | kTcpAck});
        pair.send(0, 1001, "", {});
        EXPECT_TRUE(pair.up(30, part(30)));
        EXPECT_FALSE(pair.up(0, part(0, 30)));
        EXPECT_EQ(one.counters().stream_gaps.get(), 0u);
    }
}

TEST_F(StreamTest, AnAnswerFromTheClientsOwnEndDecidesNothing) {
    peers.send(0, 1000, "", {.flags = kTcpSyn});
    peers.lie_about_ack = 5000;
    peers.send(1, 90000, "", {.flags = kTcpSyn | kTcpAck, .wrong_end = true});
    peers.lie_about_ack = 0;
    peers.send(1, 50000, "", {.flags = kTcpSyn | kTcpAck});
    peers.send(0, 1001, "", {});
    EXPECT_TRUE(peers.up(30, part(30)));
    EXPECT_FALSE(peers.up(0, part(0, 30)));
}

TEST_F(StreamTest, ASimultaneousOpen) {
    peers.send(0, 1000, "", {.flags = kTcpSyn});
    peers.send(1, 50000, "", {.flags = kTcpSyn});
    peers.send(0, 1000, "", {.flags = kTcpSyn | kTcpAck});
    peers.send(1, 50000, "", {.flags = kTcpSyn | kTcpAck});
    EXPECT_TRUE(peers.up(30, part(30)));
    EXPECT_FALSE(peers.up(0, part(0, 30)));
}

TEST_F(StreamTest, ASplitHandshake) {
    peers.send(0, 1000, "", {.flags = kTcpSyn});
    peers.send(1, 50000, "", {.flags = kTcpSyn});
    peers.send(0, 1000, "", {.flags = kTcpSyn | kTcpAck});
    peers.send(1, 50001, "", {});
    EXPECT_TRUE(peers.up(30, part(30)));
    EXPECT_FALSE(peers.up(0, part(0, 30)));
}

TEST_F(StreamTest, ASynInsideTheConnectionChangesNothing) {
    peers.open();
    peers.up(0, part(0, 30));
    EXPECT_TRUE(peers.send(0, 900'000, "", {.flags = kTcpSyn}));
    EXPECT_FALSE(peers.send(0, 900'000, decoy_, {.flags = kTcpSyn}))
        << "who can tell who takes it?";
    EXPECT_FALSE(peers.up(30, part(30)));
    EXPECT_TRUE(cut());
}

// The reset or the FIN may never have got to the server; a pause makes the flow old.
TEST_F(StreamTest, AResetAndAPauseDoNotTearAMessageInTwo) {
    for (const std::uint32_t wrong : {0u, 77u, 100'000u}) {
        for (const unsigned from : {0u, 1u}) {
            Bench one(kResetMining);
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

TEST_F(StreamTest, AnHourIsNotLongEnoughToTearALineInTwo) {
    peers.open();
    peers.up(0, part(0, 30));
    peers.ack(0);
    peers.send(0, peers.next(0), "", {.flags = kTcpRst, .arrives = false});
    for (unsigned i = 0; i < 2; ++i) {
        bench.now += 1799 * kNanosPerSecond;
        bench.turn();
        peers.ack(0);
    }
    EXPECT_FALSE(peers.up(30, part(30)));
}

TEST_F(StreamTest, AfterAWholeLineAResetEndsTheFlowSoon) {
    may_read_ = true;
    peers.open();
    peers.up(0, "GET / HTTP/1.1\r\n");
    peers.ack(0);
    peers.send(0, peers.next(0), "", {.flags = kTcpRst});
    bench.now += 121 * kNanosPerSecond;
    bench.turn();
    EXPECT_EQ(bench.worker().context().flows.size(), 0u);
    EXPECT_EQ(bench.counters().inspections_active.get(), 0u);
}

TEST_F(StreamTest, AResetOutsideTheExactNumberClosesNothing) {
    may_read_ = true;
    peers.open();
    peers.up(0, part(0, 30));
    peers.ack(0);
    peers.send(0, peers.next(0) + 1, "", {.flags = kTcpRst});
    EXPECT_EQ(bench.worker().context().flows.size(), 1u);
    bench.now += 600 * kNanosPerSecond;
    bench.turn();
    EXPECT_EQ(bench.worker().context().flows.size(), 1u) << "established";
}

TEST_F(StreamTest, AFinAndAPauseDoNotTearAMessageInTwo) {
    peers.open();
    peers.up(0, part(0, 30));
    peers.ack(0);
    peers.send(0, peers.next(0), "", {.flags = kTcpFin | kTcpAck, .arrives = false});
    peers.send(1, peers.next(1), "", {.flags = kTcpFin | kTcpAck});
    bench.now += 60 * kNanosPerSecond;
    bench.turn();
    EXPECT_FALSE(peers.up(30, part(30)));
    EXPECT_TRUE(cut());
}

TEST_F(StreamTest, AFakeEndAndAFakeSynDoNotMakeUsForget) {
    peers.open();
    peers.up(0, part(0, 30));
    peers.ack(0);
    peers.send(0, peers.next(0), "", {.flags = kTcpRst, .arrives = false});
    peers.send(0, 4'000'000, "", {.flags = kTcpSyn, .arrives = false});
    EXPECT_EQ(bench.counters().flows_created.get(), 1u);
    EXPECT_FALSE(peers.up(30, part(30)));
    EXPECT_TRUE(cut());
}

TEST_F(StreamTest, ACleanEndReleasesTheRecordAtOnce) {
    may_read_ = true;
    peers.open();
    peers.up(0, "GET / HTTP/1.1\r\n");
    peers.ack(0);
    EXPECT_EQ(bench.counters().inspections_active.get(), 1u);
    peers.send(0, peers.next(0), "", {.flags = kTcpFin | kTcpAck});
    peers.lie_about_ack = 1;
    peers.send(1, peers.next(1), "", {.flags = kTcpFin | kTcpAck});
    peers.send(0, peers.next(0) + 1, "", {});
    peers.lie_about_ack = 0;
    EXPECT_EQ(bench.counters().inspections_active.get(), 0u);
    bench.now += 11 * kNanosPerSecond;
    bench.turn();
    EXPECT_EQ(bench.worker().context().flows.size(), 0u);
}

TEST_F(StreamTest, AnotherConnectionOnTheSamePortsIsReadFromItsBeginning) {
    may_read_ = true;
    peers.open();
    peers.up(0, "SSH-2.0-x\r\n");
    peers.ack(0);
    // Its end was not seen.
    peers.restart(5000, 3'000'000'000);
    peers.open();
    EXPECT_EQ(bench.counters().flows_created.get(), 2u);
    EXPECT_TRUE(peers.up(40, part(40)));
    EXPECT_FALSE(peers.up(0, part(0, 40)));
    EXPECT_FALSE(peers.reads(0, kLogin));
}

TEST_F(StreamTest, AnotherConnectionInTheSameBurstIsReadFromItsBeginning) {
    peers.open();
    peers.up(0, part(0, 20));
    bench.put(Bench::kClientSide, peers.build(0, peers.next(0), "xyz", {}));
    bench.put(Bench::kClientSide, peers.build(0, peers.next(0) + 3, "", {.flags = kTcpRst}));
    bench.turn();
    bench.take(Bench::kServerSide);
    peers.restart(5000, 3'000'000'000);
    peers.open();
    EXPECT_FALSE(peers.up(0, kLogin));
}

TEST_F(StreamTest, AnUrgentByteIsLeftOut) {
    // Linux takes it out of the stream.
    std::string with = kLogin;
    with.insert(20, "!");
    peers.open();
    EXPECT_TRUE(peers.up(0, with.substr(0, 10)));
    EXPECT_FALSE(peers.up(10, with.substr(10), {.flags = kTcpAck | kTcpUrg, .urgent = 11}));
    EXPECT_TRUE(cut());
}

TEST_F(StreamTest, AnUrgentByteIsReadInLineToo) {
    peers.open();
    EXPECT_TRUE(peers.up(0, part(0, 10)));
    EXPECT_FALSE(peers.up(10, part(10), {.flags = kTcpAck | kTcpUrg, .urgent = 11}));
    EXPECT_TRUE(cut());
}

TEST_F(StreamTest, AnUrgentByteBehindAHole) {
    std::string with = kLogin;
    with.insert(60, "!");
    peers.open();
    EXPECT_TRUE(peers.up(50, with.substr(50), {.flags = kTcpAck | kTcpUrg, .urgent = 11}));
    EXPECT_FALSE(peers.up(0, with.substr(0, 50)));
    EXPECT_TRUE(cut());
}

TEST_F(StreamTest, ASecondUrgentByteDoesNotPass) {
    peers.open();
    EXPECT_TRUE(peers.up(0, "{\"a", {.flags = kTcpAck | kTcpUrg, .urgent = 3}));
    EXPECT_FALSE(peers.up(3, "bc", {.flags = kTcpAck | kTcpUrg, .urgent = 1}));
    EXPECT_EQ(conflicts(), 1u);
}

TEST_F(StreamTest, ASettledFlowMaySendUrgentBytes) {
    may_read_ = true;
    peers.open();
    peers.up(0, test::client_hello("news.example"));
    peers.ack(0);
    for (std::uint16_t i = 0; i < 3; ++i) {
        EXPECT_TRUE(peers.up(2000 + i * 4u, "abcd", {.flags = kTcpAck | kTcpUrg, .urgent = 2}));
    }
}

TEST_F(StreamTest, AHelloThatWasJudgedCannotBeReplaced) {
    may_read_ = true;
    Bench named(rule("server_name = \"@pools\"", "drop"));
    Peers pair(named);
    pair.open();
    const std::string harmless = test::client_hello("news.example");
    const std::string other = test::client_hello("pool.example");
    EXPECT_TRUE(pair.up(0, harmless, {.arrives = false}));
    EXPECT_EQ(named.counters().inspections_active.get(), 0u) << "settled";
    EXPECT_FALSE(pair.up(0, other));
    EXPECT_EQ(named.dropped(Reason::stream_conflict), 1u);
    EXPECT_TRUE(pair.up(0, harmless));
    EXPECT_NE(named.counters().stream_memory_used.get(), 0u);
    pair.ack(0);
    EXPECT_EQ(named.counters().stream_memory_used.get(), 0u) << "acknowledged: nothing is kept";
}

TEST_F(StreamTest, AGuardDoesNotEndWhileTheReceiverStillWaits) {
    may_read_ = true;
    Bench named(rule("server_name = \"@pools\"", "drop"));
    Peers pair(named);
    pair.open();
    const std::string harmless = test::client_hello("news.example");
    pair.up(0, harmless, {.arrives = false});
    for (std::size_t i = 0; i < 200; ++i) {
        pair.up(harmless.size() + i, "x", {.arrives = false});
    }
    EXPECT_FALSE(pair.up(0, test::client_hello("pool.example")));
}

TEST_F(StreamTest, AWordInTheServersNameBeforeTheHandshakeWeakensNothing) {
    peers.ack(0, {.wrong_end = true});
    peers.open();
    for (std::size_t i = kLogin.size(); i-- > 0;) {
        peers.up(i, part(i, 1));
    }
    EXPECT_TRUE(cut());
}

TEST_F(StreamTest, WhereTheReceiverIsNeverHeardTheGuardEnds) {
    may_read_ = true;
    peers.send(0, 1000, "", {.flags = kTcpSyn});
    const std::string hello = test::client_hello("news.example");
    peers.up(0, hello);
    EXPECT_NE(bench.counters().stream_memory_used.get(), 0u);
    for (unsigned i = 0; i < 70; ++i) {
        peers.up(hello.size() + i, "x");
    }
    EXPECT_EQ(bench.counters().stream_memory_used.get(), 0u);
}

TEST_F(StreamTest, WhereTheReceiverIsNeverHeardAMessageBehindAHoleIsSeenByItself) {
    peers.send(0, 90'000, "", {.flags = kTcpSyn});  // a decoy: the real one was not seen
    EXPECT_FALSE(peers.up(100'000, kLogin));
    EXPECT_TRUE(cut());
}

TEST_F(StreamTest, MidStreamAMessageOutOfOrderIsFound) {
    may_read_ = true;
    peers.up(0, "{\"id\":0}\n");
    peers.down(0, "{\"id\":0}\n");
    peers.ack(0);
    peers.up(9 + 40, part(40));
    EXPECT_FALSE(peers.up(9, part(0, 40)));
    EXPECT_TRUE(cut());
}

TEST_F(StreamTest, BytesThatWentAnotherWayAreAGap) {
    may_read_ = true;
    peers.open();
    peers.up(0, "{\"id\":0,");
    peers.lie_about_ack = 92;  // the receiver has a hundred bytes
    peers.ack(0);
    peers.lie_about_ack = 0;
    EXPECT_FALSE(peers.up(100, kLogin)) << "read as joined in the middle";
    EXPECT_EQ(bench.counters().stream_gaps.get(), 1u);
}

TEST_F(StreamTest, AResetCarriesTheHolesNumber) {
    peers.open();
    peers.up(30, part(30));
    bench.put(Bench::kClientSide, peers.build(0, 1001, part(0, 30), {}));
    bench.turn();
    const std::vector<Buffer> out = bench.take(Bench::kServerSide);
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(parse(out[0]).tcp_seq, 1001u);
    EXPECT_NE(parse(out[0]).tcp_flags & kTcpRst, 0);
}

BenchOptions little_memory(bool drop) {
    BenchOptions options;
    options.worker.stream_memory_kb = 8;
    options.worker.stream_flow_kb = 4;
    options.worker.drop_when_stream_full = drop;
    return options;
}

TEST(StreamMemory, WhenItIsFullSegmentsAreForwardedAndCounted) {
    Bench bench(kResetMining, little_memory(false));
    Peers peers(bench);
    peers.open();
    for (std::size_t i = 0; i < 20; ++i) {
        EXPECT_TRUE(peers.up(2048 + i * 1024, std::string(1024, 'x')));
    }
    EXPECT_LE(bench.counters().stream_memory_used.get(), 4u);
    EXPECT_GE(bench.counters().stream_memory_exhausted.get(), 16u);
    EXPECT_EQ(bench.counters().stream_memory_capacity.get(), 8u);
    // The stream goes on, and so does reading.
    peers.up(0, std::string(2048, 'y'));
    peers.ack(0);
    EXPECT_FALSE(peers.up(2048 + 20 * 1024, kLogin));
}

TEST(StreamMemory, WhenItIsFullSegmentsAreDroppedWhereThePolicyForItSaysSo) {
    Bench bench(kResetMining, little_memory(true));
    Peers peers(bench);
    peers.open();
    for (std::size_t i = 0; i < 20; ++i) {
        peers.up(2048 + i * 1024, std::string(1024, 'x'));
    }
    EXPECT_GE(bench.dropped(Reason::stream_memory_full), 16u);
    EXPECT_TRUE(peers.up(0, std::string(23, 'y'))) << "what fills a hole has room";
}

TEST(StreamMemory, AnotherFlowsHolesLeaveRoom) {
    Bench bench(kResetMining, little_memory(true));
    std::deque<Peers> greedy;
    for (std::uint16_t i = 0; i < 4; ++i) {
        greedy.emplace_back(bench);
        greedy.back().client_port = static_cast<std::uint16_t>(41000 + i);
        greedy.back().open();
        for (std::size_t n = 0; n < 8; ++n) {
            greedy.back().up(2048 + n * 1024, std::string(1024, 'x'));
        }
    }
    Peers peers(bench);
    peers.open();
    EXPECT_TRUE(peers.up(0, kLogin.substr(0, 40)));
    EXPECT_FALSE(peers.up(40, kLogin.substr(40)));
    EXPECT_GE(bench.dropped(Reason::policy_reset), 1u);
}

TEST(StreamRecords, GuardsTakeNoneFromFlowsThatAreToBeRead) {
    BenchOptions options;
    options.worker.inspections = 4;
    Bench bench(kResetMining, options);
    std::deque<Peers> silent;  // servers that never acknowledge a hello
    for (std::uint16_t i = 0; i < 20; ++i) {
        silent.emplace_back(bench);
        silent.back().client_port = static_cast<std::uint16_t>(41000 + i);
        silent.back().open();
        EXPECT_TRUE(silent.back().up(0, test::client_hello("news.example")));
    }
    EXPECT_EQ(bench.counters().inspections_active.get(), 0u);
    EXPECT_EQ(bench.counters().stream_memory_exhausted.get(), 16u);
    Peers peers(bench);
    peers.open();
    EXPECT_FALSE(peers.up(0, kLogin));
    EXPECT_EQ(bench.counters().inspection_exhausted.get(), 0u);
    bench.end_flows();
    EXPECT_EQ(bench.counters().stream_memory_used.get(), 0u);
}

TEST(SuperFrame, OutOfOrderAndCutByTheBuffersIsReadWhole) {
    Bench bench(kResetMining);
    Peers peers(bench);
    peers.open({.scale = 7}, {.scale = 7});
    const std::string junk = "{\"pad\":\"" + std::string(12'000, 'p') + "\"}\n";
    const std::string text = junk + kLogin;
    const Buffer frame = peers.build(0, 1001 + 100, std::string_view(text).substr(100), {});
    EXPECT_TRUE(bench.forwarded(Bench::kClientSide, frame, Peers::buffers_of(frame)));
    EXPECT_FALSE(peers.up(0, std::string_view(text).substr(0, 100)));
    EXPECT_EQ(bench.dropped(Reason::policy_reset), 1u);
}

}  // namespace
}  // namespace minerwall::path

// Evasion by decoys: bytes that the receiver does not take, and other bytes under the same numbers.
#include <gtest/gtest.h>

#include "stream_fixture.hpp"
#include "support/messages.hpp"

namespace minerwall::path {
namespace {

using test::kLogin;

class StreamDecoys : public StreamFixture {};

TEST_F(StreamDecoys, ADecoyThatDiesOnItsWayDoesNotStandInForTheBytes) {
    peers.open();
    EXPECT_TRUE(peers.up(0, decoy_, {.arrives = false}));
    EXPECT_FALSE(peers.up(0, kLogin)) << "other bytes under the same numbers";
    EXPECT_EQ(conflicts(), 1u);
}

TEST_F(StreamDecoys, ADecoyForTheMiddleOfAMessage) {
    peers.open();
    peers.up(0, part(0, 50));
    peers.up(50, std::string(20, '#'), {.arrives = false});
    EXPECT_FALSE(peers.up(50, part(50)));
    EXPECT_FALSE(peers.up(40, part(40, 30)));
    EXPECT_EQ(conflicts(), 2u);
}

TEST_F(StreamDecoys, ADecoyBehindAHole) {
    peers.open();
    peers.up(50, std::string(20, '#'), {.arrives = false});
    EXPECT_FALSE(peers.up(50, part(50)));
    EXPECT_FALSE(peers.up(0, kLogin));
    EXPECT_EQ(conflicts(), 2u);
}

TEST_F(StreamDecoys, AConflictIsForgottenWhenTheReceiverHasTheFirstCopy) {
    may_read_ = true;
    peers.open();
    EXPECT_TRUE(peers.up(0, "GET / HTTP/1.1\r\n"));
    EXPECT_FALSE(peers.up(0, "PUT / HTTP/1.1\r\n"));
    peers.ack(0);
    EXPECT_TRUE(peers.up(0, "PUT / HTTP/1.1\r\n")) << "no application reads it";
    EXPECT_EQ(peers.has_read(0), "GET / HTTP/1.1\r\n");
}

TEST_F(StreamDecoys, DataWithABadChecksumDoesNotCount) {
    peers.open();
    peers.up(0, decoy_, {.checksum = 1});
    EXPECT_FALSE(peers.up(0, kLogin));
    EXPECT_EQ(conflicts(), 0u);
    EXPECT_TRUE(cut());
}

TEST_F(StreamDecoys, DataWithoutAnAckDoesNotCount) {
    peers.open();
    EXPECT_TRUE(peers.up(0, decoy_, {.flags = packet::kTcpPsh, .arrives = false}));
    EXPECT_TRUE(peers.up(0, decoy_, {.flags = 0, .arrives = false}));
    EXPECT_FALSE(peers.up(0, kLogin));
    EXPECT_EQ(rig.counters().stream_ignored_segments.get(), 2u);
    EXPECT_EQ(conflicts(), 0u);
}

TEST_F(StreamDecoys, DataWithAStaleTimestampDoesNotCount) {
    peers.open({.timestamp = 5000}, {.timestamp = 9000, .echo = 5000});
    peers.up(0, part(0, 10), {.timestamp = 5100, .echo = 9000});
    peers.ack(0, {.timestamp = 9100, .echo = 5100});
    EXPECT_TRUE(
        peers.up(10, decoy_.substr(10), {.timestamp = 5050, .echo = 9100, .arrives = false}));
    EXPECT_FALSE(peers.up(10, part(10), {.timestamp = 5101, .echo = 9100}));
    EXPECT_EQ(rig.counters().stream_ignored_segments.get(), 1u);
    EXPECT_EQ(conflicts(), 0u);
    EXPECT_TRUE(cut());
}

TEST_F(StreamDecoys, ATimestampThatOnlyTheSenderHoldsForStaleIsData) {
    peers.open({.timestamp = 5000}, {.timestamp = 9000, .echo = 5000});
    peers.up(0, part(0, 10), {.timestamp = 5100, .echo = 9000});
    // We did not see the receiver take 5100.
    peers.up(10, part(10, 10), {.timestamp = 5050, .echo = 9000});
    EXPECT_FALSE(peers.up(20, part(20), {.timestamp = 5101, .echo = 9100}));
}

TEST_F(StreamDecoys, DataFarBeyondTheWindowDoesNotCount) {
    peers.open({.scale = 0}, {.scale = 0});
    peers.up(0, part(0, 10));
    peers.ack(0, {.window = 1000});
    EXPECT_TRUE(peers.up(600'000, decoy_, {.arrives = false}));
    EXPECT_EQ(rig.counters().stream_ignored_segments.get(), 1u);
    EXPECT_FALSE(peers.up(10, part(10)));
}

TEST_F(StreamDecoys, ASegmentThatOverrunsTheWindowIsData) {
    peers.open({.scale = 0}, {.scale = 0});
    peers.up(0, part(0, 10));
    peers.ack(0, {.window = 20});
    EXPECT_TRUE(peers.up(40, part(40)));
    EXPECT_FALSE(peers.up(10, part(10, 30)));
}

TEST_F(StreamDecoys, BytesSentIntoAZeroWindowAreJudgedAndNoOthersTakeTheirPlace) {
    peers.open();
    peers.up(0, part(0, 10));
    peers.ack(0, {.window = 0});
    EXPECT_TRUE(peers.up(10, decoy_.substr(10), {.arrives = false}));
    peers.ack(0);
    EXPECT_FALSE(peers.up(10, part(10)));
    EXPECT_EQ(conflicts(), 1u);
}

TEST_F(StreamDecoys, AKeepAliveByteIsNotRead) {
    peers.open();
    peers.up(0, part(0, 30));
    peers.ack(0);
    EXPECT_TRUE(peers.up(29, "\x01", {.arrives = false})) << "one byte of garbage, acknowledged";
    EXPECT_FALSE(peers.up(30, part(30)));
    EXPECT_EQ(conflicts(), 0u);
}

TEST_F(StreamDecoys, AHelloThatWasJudgedCannotBeReplaced) {
    may_read_ = true;
    Rig named(rule("server_name = \"@pools\"", "drop"));
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

TEST_F(StreamDecoys, AGuardDoesNotEndWhileTheReceiverStillWaits) {
    may_read_ = true;
    Rig named(rule("server_name = \"@pools\"", "drop"));
    Peers pair(named);
    pair.open();
    const std::string harmless = test::client_hello("news.example");
    pair.up(0, harmless, {.arrives = false});
    for (std::size_t i = 0; i < 200; ++i) {
        pair.up(harmless.size() + i, "x", {.arrives = false});
    }
    EXPECT_FALSE(pair.up(0, test::client_hello("pool.example")));
}

}  // namespace
}  // namespace minerwall::path

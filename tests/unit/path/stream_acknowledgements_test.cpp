// Evasion by acknowledgements and echoes that are forged, old or of what was never sent.
#include <gtest/gtest.h>

#include "stream_fixture.hpp"
#include "support/messages.hpp"

namespace minerwall::path {
namespace {

using packet::kTcpSyn;
using test::kLogin;

class StreamAcknowledgements : public StreamFixture {};

TEST_F(StreamAcknowledgements, AnAcknowledgementFromTheWrongEndFreesNothing) {
    peers.open();
    peers.up(0, decoy_, {.arrives = false});
    peers.lie_about_ack = static_cast<std::uint32_t>(decoy_.size());
    peers.ack(0, {.wrong_end = true});
    peers.lie_about_ack = 0;
    EXPECT_FALSE(peers.up(0, kLogin));
    EXPECT_EQ(conflicts(), 1u);
}

TEST_F(StreamAcknowledgements, AnAcknowledgementInTheServersNameBeforeItEverSpokeFreesNothing) {
    peers.ack(0, {.wrong_end = true});
    peers.send(0, 1000, "", {.flags = kTcpSyn});
    peers.lie_about_ack = static_cast<std::uint32_t>(decoy_.size());
    peers.up(0, decoy_, {.arrives = false});
    peers.ack(0, {.wrong_end = true});
    peers.ack(0, {.wrong_end = true});
    EXPECT_FALSE(peers.up(0, kLogin));
}

// The pool's end forges acknowledgements beside an ordinary kernel; the miner's kernel ignores
// them.
TEST_F(StreamAcknowledgements, AnAcknowledgementOfWhatWasNeverSentHidesNothing) {
    for (const std::size_t sent : {0u, 20u}) {
        Rig one(kResetMining);
        Peers pair(one);
        pair.open();
        pair.down(0, "\n");
        pair.ack(1);
        if (sent != 0) {
            pair.up(0, part(0, sent));
        }
        pair.lie_about_ack = 4000;
        pair.ack(0);
        pair.lie_about_ack = 0;
        EXPECT_FALSE(pair.up(sent, part(sent)));
        EXPECT_NE(one.dropped(Reason::policy_reset), 0u);
    }
}

TEST_F(StreamAcknowledgements, AnEchoOfATimestampThatWasNeverSentHidesNothing) {
    peers.open({.timestamp = 100}, {.timestamp = 500, .echo = 100});
    peers.down(0, "\n", {.timestamp = 501, .echo = 100});
    peers.ack(1, {.timestamp = 100, .echo = 501});
    peers.ack(0, {.timestamp = 502, .echo = 1'000'000});
    EXPECT_FALSE(peers.up(0, kLogin, {.timestamp = 101, .echo = 502}));
}

TEST_F(StreamAcknowledgements, OldAcknowledgementsDoNotTearAMessageInTwo) {
    peers.open({.window = 1000}, {.window = 1000});
    peers.up(0, part(0, 20));
    peers.ack(0);
    peers.lie_about_ack = 0u - 1'000'000;
    for (int i = 0; i < 5; ++i) {
        peers.ack(0, {.window = 1000});
    }
    peers.lie_about_ack = 0;
    EXPECT_FALSE(peers.up(20, part(20)));
}

// An ordinary retransmission does not confirm an old acknowledgement.
TEST_F(StreamAcknowledgements, ARetransmissionDoesNotStartOver) {
    peers.open({.window = 1000}, {.window = 20});
    peers.up(0, part(0, 20));
    peers.ack(0, {.window = 20});
    peers.up(20, part(20, 20));
    peers.ack(0, {.window = 20});
    peers.lie_about_ack = 0u - 200'000;
    peers.ack(0, {.window = 20});
    peers.lie_about_ack = 0;
    peers.up(20, part(20, 20));
    peers.ack(0, {.window = 20});
    EXPECT_FALSE(peers.up(40, part(40)));
}

TEST_F(StreamAcknowledgements, AWordInTheServersNameBeforeTheHandshakeWeakensNothing) {
    peers.ack(0, {.wrong_end = true});
    peers.open();
    for (std::size_t i = kLogin.size(); i-- > 0;) {
        peers.up(i, part(i, 1));
    }
    EXPECT_TRUE(cut());
}

}  // namespace
}  // namespace minerwall::path

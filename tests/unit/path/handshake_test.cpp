// Who opens a connection, and decoy packets that must not change the answer.
#include <gtest/gtest.h>

#include "stream_fixture.hpp"
#include "support/messages.hpp"

namespace minerwall::path {
namespace {

using packet::kTcpAck;
using packet::kTcpSyn;
using test::kLogin;
using test::kNotify;

class HandshakeTest : public StreamFixture {};

TEST_F(HandshakeTest, DataInASynIsRead) {
    EXPECT_TRUE(peers.send(0, 1000, part(0, 40), {.flags = kTcpSyn}));
    peers.send(1, 50000, "", {.flags = kTcpSyn | kTcpAck});
    EXPECT_FALSE(peers.up(40, part(40)));
    EXPECT_TRUE(cut());
}

TEST_F(HandshakeTest, AWholeMessageInASynIsDropped) {
    EXPECT_FALSE(peers.send(0, 1000, kLogin, {.flags = kTcpSyn}));
    EXPECT_TRUE(cut());
}

TEST_F(HandshakeTest, OtherDataThanTheSynsIsAConflict) {
    peers.send(0, 1000, decoy_, {.flags = kTcpSyn});
    peers.send(1, 50000, "", {.flags = kTcpSyn | kTcpAck});
    peers.send(0, 1001, "", {});
    EXPECT_FALSE(peers.up(0, kLogin)) << "a stack that takes no data in a SYN wants it again";
    EXPECT_EQ(conflicts(), 1u);
}

TEST_F(HandshakeTest, ASecondSynWithAnotherNumberDoesNotReplaceReadData) {
    EXPECT_TRUE(peers.send(0, 1000, part(0, 40), {.flags = kTcpSyn}));
    EXPECT_TRUE(peers.send(0, 1000, part(0, 40), {.flags = kTcpSyn})) << "sent again";
    EXPECT_FALSE(peers.send(0, 7000, "", {.flags = kTcpSyn}));
    EXPECT_EQ(conflicts(), 1u);
    peers.send(1, 50000, "", {.flags = kTcpSyn | kTcpAck});
    EXPECT_FALSE(peers.up(40, part(40)));
}

TEST_F(HandshakeTest, TheServersAnswerSaysWhichSynCounts) {
    for (const bool decoy_last : {false, true}) {
        Rig one(kResetMining);
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

TEST_F(HandshakeTest, AnAnswerFromTheClientsOwnEndDecidesNothing) {
    peers.send(0, 1000, "", {.flags = kTcpSyn});
    peers.lie_about_ack = 5000;
    peers.send(1, 90000, "", {.flags = kTcpSyn | kTcpAck, .wrong_end = true});
    peers.lie_about_ack = 0;
    peers.send(1, 50000, "", {.flags = kTcpSyn | kTcpAck});
    peers.send(0, 1001, "", {});
    EXPECT_TRUE(peers.up(30, part(30)));
    EXPECT_FALSE(peers.up(0, part(0, 30)));
}

TEST_F(HandshakeTest, TheServersOwnAnswerOverrulesOneInItsName) {
    may_read_ = true;
    peers.send(0, 1000, "", {.flags = kTcpSyn});
    peers.send(1, 90'000'000, "", {.flags = kTcpSyn | kTcpAck, .wrong_end = true});
    peers.send(1, 50000, "", {.flags = kTcpSyn | kTcpAck});
    peers.send(0, 1001, "", {});
    const std::string_view notify = kNotify;
    EXPECT_TRUE(peers.down(20, notify.substr(20)));
    EXPECT_FALSE(peers.down(0, notify.substr(0, 20)));
    EXPECT_EQ(rig.counters().stream_gaps.get(), 0u);
}

TEST_F(HandshakeTest, ASimultaneousOpen) {
    peers.send(0, 1000, "", {.flags = kTcpSyn});
    peers.send(1, 50000, "", {.flags = kTcpSyn});
    peers.send(0, 1000, "", {.flags = kTcpSyn | kTcpAck});
    peers.send(1, 50000, "", {.flags = kTcpSyn | kTcpAck});
    EXPECT_TRUE(peers.up(30, part(30)));
    EXPECT_FALSE(peers.up(0, part(0, 30)));
}

TEST_F(HandshakeTest, ASplitHandshake) {
    peers.send(0, 1000, "", {.flags = kTcpSyn});
    peers.send(1, 50000, "", {.flags = kTcpSyn});
    peers.send(0, 1000, "", {.flags = kTcpSyn | kTcpAck});
    peers.send(1, 50001, "", {});
    EXPECT_TRUE(peers.up(30, part(30)));
    EXPECT_FALSE(peers.up(0, part(0, 30)));
}

TEST_F(HandshakeTest, ASynInsideTheConnectionChangesNothing) {
    peers.open();
    peers.up(0, part(0, 30));
    EXPECT_TRUE(peers.send(0, 900'000, "", {.flags = kTcpSyn}));
    EXPECT_FALSE(peers.send(0, 900'000, decoy_, {.flags = kTcpSyn}))
        << "the server may or may not take it";
    EXPECT_FALSE(peers.up(30, part(30)));
    EXPECT_TRUE(cut());
}

}  // namespace
}  // namespace minerwall::path

#include "flow/tcp.hpp"

#include <gtest/gtest.h>

#include "frames.hpp"

namespace minerwall::flow {
namespace {

using packet::kTcpAck;
using packet::kTcpFin;
using packet::kTcpRst;
using packet::kTcpSyn;
using test::Eth;

constexpr Direction kUp = Direction::to_server;
constexpr Direction kDown = Direction::to_client;

packet::Frame segment(std::uint8_t flags, std::uint32_t seq = 0, std::uint16_t src = 40000,
                      std::uint16_t dst = 3333) {
    return parse(Eth().ipv4("10.0.0.1", "192.0.2.9").tcp(src, dst).seq(seq).flags(flags));
}
packet::Frame datagram(std::uint16_t src, std::uint16_t dst) {
    return parse(Eth().ipv4("10.0.0.1", "192.0.2.9").udp(src, dst));
}

TEST(Roles, ASynSaysWhoOpensWhateverThePorts) {
    EXPECT_TRUE(sender_is_client(segment(kTcpSyn, 0, 80, 40000)));
    EXPECT_TRUE(sender_is_client(segment(kTcpSyn, 0, 40000, 80)));
    EXPECT_FALSE(sender_is_client(segment(kTcpSyn | kTcpAck, 0, 40000, 80)));
    EXPECT_FALSE(sender_is_client(segment(kTcpSyn | kTcpAck, 0, 80, 40000)));
}

TEST(Roles, WithoutASynTheServiceLikePortIsTheServers) {
    struct Case {
        std::uint16_t src, dst;
        bool client;
    };
    const Case cases[] = {
        {40000, 80, true},    {80, 40000, false},     // well-known
        {1024, 1023, true},   {1023, 1024, false},    // at the border
        {3333, 443, true},    {443, 3333, false},     // well-known against registered
        {50000, 3333, true},  {3333, 50000, false},   // registered against ephemeral
        {32768, 32767, true}, {32767, 32768, false},  // at the border
        {3333, 4444, true},   {4444, 3333, true},     // no telling: the sender
        {40000, 50000, true}, {50000, 40000, true},  {80, 443, true}, {443, 80, true},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(sender_is_client(segment(kTcpAck, 0, c.src, c.dst)), c.client)
            << c.src << " to " << c.dst;
        EXPECT_EQ(sender_is_client(datagram(c.src, c.dst)), c.client) << c.src << " to " << c.dst;
    }
}

TEST(Roles, WithoutPortsTheFirstSenderIsTheClient) {
    EXPECT_TRUE(sender_is_client(
        parse(Eth().ipv4("10.0.0.9", "10.0.0.1").proto(packet::kProtoIcmp).payload("ping"))));
}

TEST(PayloadSequence, ASynTakesOneNumber) {
    EXPECT_EQ(payload_sequence(segment(kTcpSyn, 100)), 101u);
    EXPECT_EQ(payload_sequence(segment(kTcpAck, 100)), 100u);
    EXPECT_EQ(payload_sequence(segment(kTcpSyn, 0xffffffff)), 0u);
}

class SliceTest : public testing::Test {
  protected:
    void expect(std::uint32_t sequence, std::uint32_t length, const Slice& want) {
        const Slice got = take_slice(flow_, kUp, sequence, length);
        EXPECT_EQ(got.skip, want.skip);
        EXPECT_EQ(got.length, want.length);
        EXPECT_EQ(got.gap, want.gap);
        EXPECT_EQ(got.first, want.first);
    }
    std::uint32_t next() const { return flow_.next_sequence[0]; }
    void know(std::uint32_t sequence) {
        flow_.set(Flow::sequence_known_0);
        flow_.next_sequence[0] = sequence;
    }
    Flow flow_{};
};

TEST_F(SliceTest, WhatFollowsIsNew) {
    know(1000);
    expect(1000, 100, {0, 100, false, false});
    expect(1100, 1, {0, 1, false, false});
    EXPECT_EQ(next(), 1101u);
}

TEST_F(SliceTest, ARetransmissionHasNothingNew) {
    know(1000);
    expect(1000, 100, {0, 100, false, false});
    expect(1000, 100, {100, 0, false, false});
    expect(1020, 10, {10, 0, false, false});
    expect(900, 200, {200, 0, false, false});
    EXPECT_EQ(next(), 1100u);
}

TEST_F(SliceTest, AnOverlapIsCutToItsNewEnd) {
    know(1000);
    expect(950, 100, {50, 50, false, false});
    EXPECT_EQ(next(), 1050u);
    expect(1049, 2, {1, 1, false, false});
    EXPECT_EQ(next(), 1051u);
}

TEST_F(SliceTest, AHoleIsAGap) {
    know(1000);
    expect(1001, 50, {0, 50, true, false});
    EXPECT_EQ(next(), 1051u);
    expect(1051, 5, {0, 5, false, false});
}

TEST_F(SliceTest, SequenceNumbersWrap) {
    know(0xfffffff0);
    expect(0xfffffff0, 0x20, {0, 0x20, false, false});
    EXPECT_EQ(next(), 0x10u);
    expect(0xfffffff0, 0x20, {0x20, 0, false, false});
    expect(0xfffffff8, 0x28, {0x18, 0x10, false, false});
    EXPECT_EQ(next(), 0x20u);
    know(0xffffffff);
    expect(1, 1, {0, 1, true, false});
}

TEST_F(SliceTest, TheFirstBytesOfAMidStreamFlowAreTakenAsTheyCome) {
    expect(777, 10, {0, 10, false, true});
    EXPECT_TRUE(flow_.has(Flow::sequence_known_0));
    EXPECT_EQ(next(), 787u);
    expect(787, 10, {0, 10, false, false});
}

TEST_F(SliceTest, EachDirectionHasItsOwnNumbers) {
    know(1000);
    EXPECT_TRUE(take_slice(flow_, kDown, 5, 5).first);
    EXPECT_EQ(next(), 1000u);
    EXPECT_EQ(flow_.next_sequence[1], 10u);
}

// A connection, packet by packet, as track does it: counts come before update_tcp().
class StateTest : public testing::Test {
  protected:
    bool see(Direction direction, std::uint8_t flags, std::uint32_t seq = 0) {
        ++flow_.packets[index(direction)];
        return update_tcp(flow_, direction, segment(flags, seq));
    }
    void open() {
        see(kUp, kTcpSyn, 100);
        see(kDown, kTcpSyn | kTcpAck, 900);
        see(kUp, kTcpAck, 101);
    }
    Flow flow_{};
};

TEST_F(StateTest, AHandshakeGivesRolesSequenceNumbersAndAnEstablishedFlow) {
    EXPECT_FALSE(see(kUp, kTcpSyn, 100));
    EXPECT_EQ(flow_.state, FlowState::fresh);
    EXPECT_TRUE(flow_.has(Flow::started));
    EXPECT_TRUE(flow_.has(Flow::sequence_known_0));
    EXPECT_FALSE(flow_.has(Flow::sequence_known_1));
    EXPECT_FALSE(see(kDown, kTcpSyn | kTcpAck, 900));
    EXPECT_EQ(flow_.state, FlowState::fresh);
    EXPECT_FALSE(see(kUp, kTcpAck, 101));
    EXPECT_EQ(flow_.state, FlowState::established);
    EXPECT_EQ(flow_.next_sequence[0], 101u);
    EXPECT_EQ(flow_.next_sequence[1], 901u);
}

TEST_F(StateTest, PacketsOfOneEndAloneEstablishNothing) {
    see(kUp, kTcpAck);
    see(kUp, kTcpAck);
    EXPECT_EQ(flow_.state, FlowState::fresh);
    see(kDown, kTcpAck);
    EXPECT_EQ(flow_.state, FlowState::established) << "mid-stream, both ends speak";
    EXPECT_FALSE(flow_.has(Flow::started));
}

TEST_F(StateTest, AFinFromBothEndsCloses) {
    open();
    EXPECT_FALSE(see(kUp, kTcpFin | kTcpAck));
    EXPECT_EQ(flow_.state, FlowState::established) << "half-closed connections live";
    EXPECT_FALSE(see(kUp, kTcpFin | kTcpAck)) << "retransmitted";
    EXPECT_TRUE(see(kDown, kTcpFin | kTcpAck)) << "the timeout shrank";
    EXPECT_EQ(flow_.state, FlowState::closed);
    EXPECT_FALSE(flow_.has(Flow::reset_seen));
    EXPECT_FALSE(see(kUp, kTcpAck)) << "it shrinks once";
    EXPECT_EQ(flow_.state, FlowState::closed);
}

TEST_F(StateTest, AResetCloses) {
    open();
    EXPECT_TRUE(see(kDown, kTcpRst | kTcpAck));
    EXPECT_EQ(flow_.state, FlowState::closed);
    EXPECT_TRUE(flow_.has(Flow::reset_seen));
    EXPECT_FALSE(see(kUp, kTcpRst)) << "it shrinks once";
}

TEST_F(StateTest, ASynOnAFlowThatIsOverOrWasCutOpensAnew) {
    open();
    EXPECT_FALSE(opens_anew(flow_, segment(kTcpSyn))) << "of a living one it does not";
    flow_.resets_sent = 1;
    EXPECT_TRUE(opens_anew(flow_, segment(kTcpSyn)));
    EXPECT_FALSE(opens_anew(flow_, segment(kTcpSyn | kTcpAck)));
    EXPECT_FALSE(opens_anew(flow_, segment(kTcpAck)));
    flow_.resets_sent = 0;
    flow_.state = FlowState::closed;
    EXPECT_TRUE(opens_anew(flow_, segment(kTcpSyn)));
    EXPECT_TRUE(opens_anew(flow_, segment(kTcpSyn | packet::kTcpEce | packet::kTcpCwr)));
}

// RFC 5961, 4.2: a SYN within a synchronized connection is answered with a challenge ACK and
// changes nothing. Whoever sends one must not make us take what follows for old bytes.
TEST_F(StateTest, ASynInsideAnEstablishedConnectionMovesNoSequenceNumber) {
    open();
    see(kUp, kTcpSyn, 5'000'000);
    EXPECT_EQ(flow_.next_sequence[0], 101u);
    EXPECT_EQ(take_slice(flow_, kUp, 101, 50).length, 50u);
}

TEST(FlowRoles, ASwapTurnsEverythingThatHasADirection) {
    Flow flow{};
    flow.key = key_number(1);
    flow.set(Flow::client_is_low);
    flow.set(Flow::sequence_known_0);
    flow.set(Flow::fin_1);
    flow.set(Flow::settled_0);
    flow.packets[0] = 1, flow.packets[1] = 2;
    flow.bytes[0] = 10, flow.bytes[1] = 20;
    flow.next_sequence[0] = 100, flow.next_sequence[1] = 200;
    const IpAddress client = flow.client();
    EXPECT_EQ(flow.direction(true), kUp);

    flow.swap_roles();
    EXPECT_EQ(flow.server(), client);
    EXPECT_EQ(flow.server_port(), 40000);
    EXPECT_EQ(flow.client_port(), 3333);
    EXPECT_EQ(flow.direction(true), kDown);
    EXPECT_EQ(flow.direction(false), kUp);
    EXPECT_EQ(flow.packets[0], 2u);
    EXPECT_EQ(flow.bytes[1], 10u);
    EXPECT_EQ(flow.next_sequence[1], 100u);
    EXPECT_FALSE(flow.has(Flow::sequence_known_0));
    EXPECT_TRUE(flow.has(Flow::sequence_known_1));
    EXPECT_TRUE(flow.has(Flow::fin_0));
    EXPECT_FALSE(flow.has(Flow::fin_1));
    EXPECT_FALSE(flow.has(Flow::settled_0));
    EXPECT_TRUE(flow.has(Flow::settled_1));

    const Flow once = flow;
    flow.swap_roles();
    flow.swap_roles();
    EXPECT_EQ(flow.flags, once.flags);
    EXPECT_EQ(flow.packets[0], once.packets[0]);
}

}  // namespace
}  // namespace minerwall::flow

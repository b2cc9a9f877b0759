#include <gtest/gtest.h>

#include <vector>

#include "tcp/connection.hpp"
#include "unit/flow/frames.hpp"

namespace minerwall::tcp {

using namespace flow;

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
        {1024, 1023, true},   {1023, 1024, false},    // at the boundary
        {3333, 443, true},    {443, 3333, false},     // well-known against registered
        {50000, 3333, true},  {3333, 50000, false},   // registered against ephemeral
        {32768, 32767, true}, {32767, 32768, false},  // at the boundary
        {3333, 4444, true},   {4444, 3333, true},     // undecided: the sender is the client
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

class PassOverTest : public testing::Test {
  protected:
    void pass(std::uint32_t sequence, std::uint32_t length) {
        pass_over(flow_, kUp, sequence, length);
    }
    std::uint32_t next() const { return flow_.next_sequence[0]; }
    void know(std::uint32_t sequence) {
        flow_.set(Flow::sequence_known_0);
        flow_.next_sequence[0] = sequence;
    }
    Flow flow_{};
};

TEST_F(PassOverTest, TheFirstSegmentSaysWhereADirectionIs) {
    pass(777, 10);
    EXPECT_TRUE(flow_.has(Flow::sequence_known_0));
    EXPECT_EQ(next(), 787u);
    EXPECT_FALSE(flow_.has(Flow::sequence_known_1));
}

TEST_F(PassOverTest, OldBytesMoveNothingBack) {
    know(1000);
    pass(1000, 100);
    pass(1000, 100);
    pass(900, 150);
    EXPECT_EQ(next(), 1100u);
    pass(1200, 1);
    EXPECT_EQ(next(), 1201u);
}

TEST_F(PassOverTest, SequenceNumbersWrap) {
    know(0xfffffff0);
    pass(0xfffffff0, 0x20);
    EXPECT_EQ(next(), 0x10u);
    pass(0xfffffff0, 0x20);
    EXPECT_EQ(next(), 0x10u);
}

TEST_F(PassOverTest, AFarNumberIsAnotherConnection) {
    know(20'000'000);
    EXPECT_FALSE(is_jump(flow_, kUp, 20'000'000 + (1 << 20)));
    EXPECT_TRUE(is_jump(flow_, kUp, 20'000'001 + (1 << 20)));
    EXPECT_FALSE(is_jump(flow_, kUp, 20'000'000 - (1 << 24))) << "sent again, on a fat pipe";
    EXPECT_TRUE(is_jump(flow_, kUp, 1));
    pass(1, 10);
    EXPECT_EQ(next(), 11u);
}

TEST(Scales, AreInForceOnlyWhereBothSynsHaveThem) {
    TcpOptions seven, none;
    seven.has_scale = true;
    seven.scale = 7;
    WindowScales scales;
    EXPECT_EQ(scales.shift(kUp), 14u) << "unknown: an upper bound";
    scales.note(kUp, seven);
    EXPECT_EQ(scales.shift(kUp), 7u);
    scales.note(kDown, none);
    EXPECT_EQ(scales.shift(kUp), 0u);
    EXPECT_EQ(scales.shift(kDown), 0u);
    scales.note(kDown, seven);
    EXPECT_EQ(scales.shift(kUp), 7u);
    scales.note(kDown, none);
    EXPECT_EQ(scales.shift(kDown), 7u) << "a second SYN may be a decoy";
    for (std::uint8_t s = 0; s <= 14; ++s) {
        seven.scale = s;
        WindowScales fresh;
        fresh.note(kUp, seven);
        fresh.note(kDown, seven);
        EXPECT_EQ(WindowScales(fresh.bits()).shift(kDown), s == 13 ? 14 : s);
    }
}

TEST(Options, AreReadWhereEveryStackReadsThemAlike) {
    const auto read = [](std::initializer_list<int> bytes) {
        const std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
        return read_tcp_options(copy);
    };
    const TcpOptions usual = read({2, 4, 5, 180, 1, 3, 3, 7, 1, 1, 8, 10, 0, 0, 1, 0, 0, 0, 2, 0});
    EXPECT_TRUE(usual.has_scale);
    EXPECT_EQ(usual.scale, 7);
    EXPECT_TRUE(usual.has_timestamps);
    EXPECT_EQ(usual.timestamp, 256u);
    EXPECT_EQ(usual.echo, 512u);
    EXPECT_EQ(read({3, 3, 99}).scale, 14) << "RFC 7323, 2.3";
    EXPECT_FALSE(
        read({8, 10, 0, 0, 0, 1, 0, 0, 0, 1, 8, 10, 0, 0, 0, 2, 0, 0, 0, 2}).has_timestamps)
        << "twice: which one counts?";
    EXPECT_FALSE(read({0, 3, 3, 7}).has_scale) << "behind the end";
    EXPECT_FALSE(read({5, 0, 3, 3, 7}).has_scale) << "behind a broken one";
    EXPECT_FALSE(read({5, 1, 3, 3, 7}).has_scale);
    EXPECT_FALSE(read({8, 10, 0, 0, 0}).has_timestamps) << "cut";
    EXPECT_FALSE(read({3}).has_scale);
    EXPECT_FALSE(read({}).has_scale);
}

// A connection's packets as the path hands them on: the counts come first.
class StateTest : public testing::Test {
  protected:
    void see(Direction direction, std::uint8_t flags, std::uint32_t seq = 0,
             std::uint32_t ack = 0) {
        ++flow_.packets[index(direction)];
        const packet::Frame frame = segment(flags, seq, ack);
        if ((flags & kTcpSyn) != 0) {
            note_syn(flow_, direction, frame);
        }
        note_established(flow_, frame);
    }
    packet::Frame segment(std::uint8_t flags, std::uint32_t seq = 0, std::uint32_t ack = 0) {
        packet::Frame frame = tcp::segment(flags, seq);
        frame.tcp_ack = ack;
        return frame;
    }
    void open() {
        see(kUp, kTcpSyn, 100);
        see(kDown, kTcpSyn | kTcpAck, 900, 101);
        see(kUp, kTcpAck, 101, 901);
    }
    Flow flow_{};
};

TEST_F(StateTest, AHandshakeGivesSequenceNumbersAndAnEstablishedFlow) {
    see(kUp, kTcpSyn, 100);
    EXPECT_EQ(flow_.state, FlowState::fresh);
    EXPECT_TRUE(flow_.has(Flow::started));
    EXPECT_TRUE(flow_.has(Flow::sequence_known_0));
    EXPECT_FALSE(flow_.has(Flow::sequence_known_1));
    see(kDown, kTcpSyn | kTcpAck, 900);
    EXPECT_EQ(flow_.state, FlowState::fresh);
    see(kUp, kTcpAck, 101);
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
    note_fin(flow_, kUp);
    note_fin(flow_, kUp);
    EXPECT_EQ(flow_.state, FlowState::established) << "half-closed connections live";
    note_fin(flow_, kDown);
    EXPECT_EQ(flow_.state, FlowState::closed);
    EXPECT_FALSE(flow_.has(Flow::reset_seen));
}

TEST_F(StateTest, ASynOnAFlowThatIsOverOrWasCutOpensAnew) {
    open();
    EXPECT_FALSE(opens_anew(flow_, segment(kTcpSyn))) << "an open connection is not replaced";
    flow_.resets_sent = 1;
    EXPECT_TRUE(opens_anew(flow_, segment(kTcpSyn)));
    EXPECT_FALSE(opens_anew(flow_, segment(kTcpSyn | kTcpAck)));
    EXPECT_FALSE(opens_anew(flow_, segment(kTcpAck)));
    flow_.resets_sent = 0;
    note_reset(flow_);
    EXPECT_TRUE(opens_anew(flow_, segment(kTcpSyn)));
    EXPECT_TRUE(opens_anew(flow_, segment(kTcpSyn | packet::kTcpEce | packet::kTcpCwr)));
}

TEST_F(StateTest, ASynAckWithOtherNumbersProvesThatTheOldConnectionIsGone) {
    constexpr std::uint8_t kSynAck = kTcpSyn | kTcpAck;
    open();
    EXPECT_FALSE(answers_anew(flow_, kDown, segment(kSynAck, 900, 101))) << "sent again";
    pass_over(flow_, kUp, 101, 500);
    EXPECT_FALSE(answers_anew(flow_, kDown, segment(kSynAck, 900, 101)));
    EXPECT_TRUE(answers_anew(flow_, kDown, segment(kSynAck, 901, 101)));
    EXPECT_TRUE(answers_anew(flow_, kDown, segment(kSynAck, 900, 602)));
    EXPECT_TRUE(answers_anew(flow_, kDown, segment(kSynAck, 5'000'000, 7'000'000)));
    EXPECT_FALSE(answers_anew(flow_, kDown, segment(kTcpAck, 5'000'000, 7'000'000)));
    EXPECT_FALSE(answers_anew(flow_, kDown, segment(kTcpSyn, 5'000'000)));
}

TEST_F(StateTest, WhileItOpensASynAckDecidesWhichSynCounts) {
    see(kUp, kTcpSyn, 100);
    see(kUp, kTcpSyn, 5000);
    EXPECT_FALSE(answers_anew(flow_, kDown, segment(kTcpSyn | kTcpAck, 900, 101)));
}

TEST(FlowRoles, ASwapTurnsEverythingThatHasADirection) {
    Flow flow{};
    flow.key = CompactKey::of(key_number(1));
    flow.set(Flow::client_is_low);
    flow.set(Flow::sequence_known_0);
    flow.set(Flow::fin_1);
    flow.set(Flow::settled_0);
    flow.packets[0] = 1, flow.packets[1] = 2;
    flow.bytes[0] = 10, flow.bytes[1] = 20;
    flow.next_sequence[0] = 100, flow.next_sequence[1] = 200;
    EXPECT_EQ(flow.direction(true), kUp);

    flow.swap_roles();
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
}  // namespace minerwall::tcp

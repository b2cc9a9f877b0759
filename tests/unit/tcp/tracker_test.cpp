// Tracker::segment() and Tracker::replaces(): what each segment did to its connection.
#include <gtest/gtest.h>

#include <memory>
#include <string_view>

#include "support/packet_builder.hpp"
#include "tcp/tracker_segment.hpp"

namespace minerwall::tcp {
namespace {

using flow::Direction;
using flow::Flow;
using packet::kTcpAck;
using packet::kTcpFin;
using packet::kTcpRst;
using packet::kTcpSyn;
using packet::kTcpUrg;

constexpr Direction kUp = Direction::to_server;
constexpr Direction kDown = Direction::to_client;
constexpr Sides kRight{Side::right, true};
constexpr Sides kWrong{Side::wrong, false};

// A stage that reads all bytes in order, with answers that a test sets.
struct Reader {
    bool accepts() {
        ++accepts_asked;
        return right_checksum;
    }
    TcpOptions options() const { return {}; }
    std::uint32_t& jump(Direction direction) { return jumps[index(direction)]; }
    void heard() { ++heard_count; }
    bool takes_urgent() const { return one_reading_of_urgent; }
    bool reads_again() {
        ++late_starts_asked;
        return late_start;
    }
    void resume() { ++resumed; }
    Did read() {
        ++reads;
        return Did::read;
    }

    std::uint32_t jumps[2] = {0, 0};
    bool right_checksum = true;
    bool one_reading_of_urgent = true;
    bool late_start = false;
    int accepts_asked = 0, heard_count = 0, late_starts_asked = 0, resumed = 0, reads = 0;
};

class TrackerTest : public testing::Test {
  protected:
    TrackerTest() { flow_.inspection = flow::kNone; }

    packet::Frame frame(Direction direction, std::uint8_t flags, std::uint32_t seq,
                        std::uint32_t ack, std::string_view payload) {
        test::Eth eth;
        direction == kUp ? eth.ipv4("10.0.0.1", "192.0.2.9").tcp(40000, 3333)
                         : eth.ipv4("192.0.2.9", "10.0.0.1").tcp(3333, 40000);
        buffer_ = eth.seq(seq).ack(ack).flags(flags).payload(payload).build();
        packet::Frame out;
        packet::parse_frame(buffer_, static_cast<std::uint32_t>(buffer_.size()), out);
        return out;
    }
    Did send(Direction direction, std::uint8_t flags, std::uint32_t seq, std::uint32_t ack = 0,
             std::string_view payload = {}, Sides sides = kRight, bool cut = false) {
        ++flow_.packets[index(direction)];
        const packet::Frame head = frame(direction, flags, seq, ack, payload);
        Segment segment{head, direction, sides, cut};
        const Did did = tracker_.segment(flow_, segment, reader_);
        expected_ = segment.expected;
        return did;
    }
    void open() {
        ASSERT_EQ(send(kUp, kTcpSyn, 100), Did::opened);
        ASSERT_EQ(send(kDown, kTcpSyn | kTcpAck, 500, 101), Did::opened);
        ASSERT_EQ(send(kUp, kTcpAck, 101, 501), Did::nothing);
    }
    void settle() {
        flow_.set(Flow::settled_0);
        flow_.set(Flow::settled_1);
    }
    bool replaces(Direction direction, std::uint8_t flags, std::uint32_t seq, std::uint32_t ack,
                  Sides sides) {
        return tracker_.replaces(flow_, frame(direction, flags, seq, ack, {}), direction,
                                 [&] { return sides; });
    }

    std::unique_ptr<WorkerCounters> counters_ = std::make_unique<WorkerCounters>();
    Tracker tracker_{4, StreamOptions{}, *counters_};
    Flow flow_{};
    Reader reader_;
    std::uint32_t expected_ = 0;
    test::Buffer buffer_;
};

TEST_F(TrackerTest, AHandshakeOpensBothDirections) {
    open();
    EXPECT_EQ(flow_.state, flow::FlowState::established);
    EXPECT_TRUE(flow_.has(Flow::started));
    EXPECT_EQ(flow_.next_sequence[0], 101u);
    EXPECT_EQ(flow_.next_sequence[1], 501u);
    EXPECT_EQ(reader_.reads, 0);
}

TEST_F(TrackerTest, PayloadIsReadAndTheReceiversNextNumberIsTold) {
    open();
    EXPECT_EQ(send(kUp, kTcpAck, 101, 501, "{}"), Did::read);
    EXPECT_EQ(reader_.reads, 1);
    EXPECT_EQ(expected_, 101u);
}

TEST_F(TrackerTest, AWrongChecksumIsIgnoredBeforeAnythingElse) {
    open();
    reader_.right_checksum = false;
    EXPECT_EQ(send(kUp, kTcpAck, 101, 501, "{}"), Did::ignored);
    EXPECT_EQ(send(kUp, kTcpRst, 101), Did::ignored);
    EXPECT_EQ(reader_.reads, 0);
    EXPECT_EQ(flow_.state, flow::FlowState::established);
}

TEST_F(TrackerTest, ASegmentWithoutAckIsIgnored) {
    open();
    EXPECT_EQ(send(kUp, 0, 101, 0, "{}"), Did::ignored);
    EXPECT_EQ(counters_->stream_ignored_segments.get(), 1u);
}

TEST_F(TrackerTest, ASynInsideTheConnectionIsRefused) {
    open();
    EXPECT_EQ(send(kUp, kTcpSyn, 9000), Did::ignored);
    EXPECT_EQ(send(kUp, kTcpSyn, 9000, 0, "data"), Did::conflict);
    EXPECT_EQ(flow_.next_sequence[0], 101u);
}

TEST_F(TrackerTest, AnUrgentByteWithTwoReadingsIsAConflict) {
    open();
    reader_.one_reading_of_urgent = false;
    EXPECT_EQ(send(kUp, kTcpAck | kTcpUrg, 101, 501, "ab"), Did::conflict);
    // A segment from the wrong end does not reach the receiver.
    EXPECT_EQ(send(kUp, kTcpAck | kTcpUrg, 101, 501, "ab", kWrong), Did::ignored);
}

TEST_F(TrackerTest, AResetFromTheWrongEndIsIgnored) {
    open();
    EXPECT_EQ(send(kUp, kTcpRst, 101, 0, {}, kWrong), Did::ignored);
    EXPECT_EQ(flow_.state, flow::FlowState::established);
    EXPECT_EQ(send(kUp, kTcpRst, 101), Did::closed);
    EXPECT_TRUE(flow_.has(Flow::reset_seen));
}

TEST_F(TrackerTest, AnsweredFinsCloseTheConnection) {
    open();
    EXPECT_EQ(send(kUp, kTcpFin | kTcpAck, 101, 501), Did::nothing);
    EXPECT_EQ(send(kDown, kTcpFin | kTcpAck, 501, 102), Did::closed);
    EXPECT_EQ(flow_.state, flow::FlowState::closed);
}

TEST_F(TrackerTest, ASettledDirectionCostsOneLookForALateStart) {
    open();
    settle();
    EXPECT_EQ(send(kUp, kTcpAck, 101, 501, "ab"), Did::nothing);
    EXPECT_EQ(flow_.next_sequence[0], 103u);
    EXPECT_EQ(reader_.late_starts_asked, 1);
    EXPECT_EQ(reader_.reads, 0);
    EXPECT_EQ(reader_.accepts_asked, 2) << "only of the SYNs";
}

TEST_F(TrackerTest, ALateStartIsRead) {
    open();
    settle();
    reader_.late_start = true;
    // The stage clears the flag, as Reader::reads_again() says.
    flow_.clear(Flow::settled_0);
    EXPECT_EQ(send(kUp, kTcpAck, 101, 501, "ab"), Did::read);
}

TEST_F(TrackerTest, AJumpChangesNothingUntilTheReceiverGoesOnWithIt) {
    constexpr std::uint32_t kFar = 101 + (1u << 21);
    open();
    settle();
    EXPECT_EQ(send(kUp, kTcpAck, kFar, 501, "ab"), Did::ignored);
    EXPECT_EQ(send(kUp, kTcpAck, kFar + 2, 501, "cd"), Did::ignored);
    EXPECT_EQ(flow_.next_sequence[0], 101u);
    EXPECT_TRUE(flow_.has(Flow::settled_0));
    EXPECT_EQ(reader_.late_starts_asked, 0);
    // Not from its own end, of a byte that did not come, of a byte before the jump:
    EXPECT_EQ(send(kDown, kTcpAck, 501, kFar + 2, {}, kWrong), Did::nothing);
    EXPECT_EQ(send(kDown, kTcpAck, 501, kFar + (1u << 21)), Did::nothing);
    EXPECT_EQ(send(kDown, kTcpAck, 501, kFar), Did::nothing);
    EXPECT_TRUE(flow_.has(Flow::settled_0));
    EXPECT_EQ(send(kDown, kTcpAck, 501, kFar + 4), Did::nothing);
    EXPECT_FALSE(flow_.has(Flow::settled_0));
    EXPECT_FALSE(flow_.has(Flow::started));
    EXPECT_TRUE(flow_.has(Flow::settled_1));
    EXPECT_EQ(send(kUp, kTcpAck, kFar + 4, 501, "ef"), Did::read);
}

TEST_F(TrackerTest, AJumpIsBelievedAtOnceWhereTheReceiverIsNotHeard) {
    EXPECT_EQ(send(kUp, kTcpAck, 101, 501, "ab", {}), Did::read);
    flow_.next_sequence[0] = 103;
    flow_.set(Flow::sequence_known_0);
    flow_.set(Flow::settled_0);
    EXPECT_EQ(send(kUp, kTcpAck, 103 + (1u << 21), 501, "ab", {}), Did::read);
    EXPECT_FALSE(flow_.has(Flow::settled_0));
}

TEST_F(TrackerTest, SegmentsOutsideTheirWindowChangeNothing) {
    open();
    settle();
    const Flow before = flow_;
    reader_.late_start = true;
    constexpr std::uint32_t kFar = 101 + (1u << 24);
    const struct {
        std::uint8_t flags;
        std::uint32_t seq, ack;
        Sides sides;
    } cases[] = {
        {kTcpAck, kFar, 501, kRight},              // its number
        {kTcpAck, 101, 501 + (1u << 24), kRight},  // its acknowledgement
        {0, 101, 0, kRight},                       // none: the receiver discards it
        {kTcpAck, 101, 501, kWrong},               // from the wrong end
        {kTcpAck | kTcpFin, kFar, 501, kRight},
        {kTcpAck | kTcpFin, 101, 501, kWrong},
        {kTcpRst, kFar, 0, kRight},
        {kTcpAck | kTcpUrg, kFar, 501, kRight},
    };
    for (const auto& one : cases) {
        const std::string_view payload = (one.flags & kTcpRst) != 0 ? "" : "{}";
        EXPECT_EQ(send(kUp, one.flags, one.seq, one.ack, payload, one.sides), Did::ignored);
        EXPECT_EQ(flow_.next_sequence[0], before.next_sequence[0]);
        EXPECT_EQ(flow_.state, before.state);
        flow_.clear(Flow::jumped_0);
        EXPECT_EQ(flow_.flags, before.flags);
    }
    EXPECT_EQ(reader_.late_starts_asked, 0);
    EXPECT_EQ(reader_.reads, 0);
}

TEST_F(TrackerTest, AWindowReachesAsFarAsItsReceiverOffers) {
    open();
    settle();
    // 65,535 bytes without a scale; the test's frames have no options.
    flow_.windows = 0;
    buffer_.clear();
    packet::Frame offer = frame(kDown, kTcpAck, 501, 101, {});
    offer.tcp_window = 65535;
    Segment segment{offer, kDown, kRight, false};
    tracker_.segment(flow_, segment, reader_);
    EXPECT_EQ(flow_.windows, 8);
    EXPECT_EQ(send(kUp, kTcpAck, 101 + 65536, 501, "ab"), Did::nothing);
    EXPECT_EQ(flow_.next_sequence[0], 101u + 65538u);
    EXPECT_EQ(send(kUp, kTcpAck, 101 + 3 * 65536, 501, "ab"), Did::ignored);
    EXPECT_EQ(flow_.next_sequence[0], 101u + 65538u);
}

TEST_F(TrackerTest, NothingOfACutConnectionIsReadButItsEnd) {
    open();
    EXPECT_EQ(send(kUp, kTcpAck, 101, 501, "{}", kRight, true), Did::nothing);
    EXPECT_EQ(expected_, 101u);
    EXPECT_EQ(send(kUp, kTcpRst, 101, 0, {}, kRight, true), Did::nothing);
    EXPECT_EQ(flow_.state, flow::FlowState::closed);
    EXPECT_EQ(reader_.reads, 0);
}

TEST_F(TrackerTest, ASynReplacesOnlyAConnectionThatIsOver) {
    open();
    EXPECT_FALSE(replaces(kUp, kTcpSyn, 70000, 0, kRight));
    EXPECT_EQ(send(kUp, kTcpRst, 101), Did::closed);
    EXPECT_TRUE(replaces(kUp, kTcpSyn, 70000, 0, kRight));
}

TEST_F(TrackerTest, AnAnswerToAnUnknownSynReplacesFromItsOwnEndOnly) {
    open();
    EXPECT_TRUE(replaces(kDown, kTcpSyn | kTcpAck, 900000, 800001, kRight));
    EXPECT_FALSE(replaces(kDown, kTcpSyn | kTcpAck, 900000, 800001, kWrong));
    // The answer to this connection's SYN, once more.
    EXPECT_FALSE(replaces(kDown, kTcpSyn | kTcpAck, 500, 101, kRight));
}

TEST_F(TrackerTest, WhileItIsReadOnlyAnAnswerToARefusedSynReplacesIt) {
    open();
    ASSERT_TRUE(tracker_.open(flow_, kUp, kRight, true));
    EXPECT_FALSE(replaces(kDown, kTcpSyn | kTcpAck, 900000, 800001, kRight));
    EXPECT_EQ(send(kUp, kTcpSyn, 800000), Did::ignored);
    EXPECT_TRUE(replaces(kDown, kTcpSyn | kTcpAck, 900000, 800001, kRight));
    tracker_.close(flow_);
}

TEST_F(TrackerTest, ARecordTakesTheWindowScalesWithIt) {
    flow_.window_scales = 0x99;
    ASSERT_TRUE(tracker_.open(flow_, kUp, kRight, true));
    EXPECT_EQ(flow_.window_scales, 0);
    EXPECT_EQ(tracker_.in_use(), 1u);
    tracker_.close(flow_);
    EXPECT_EQ(tracker_.in_use(), 0u);
    EXPECT_EQ(flow_.inspection, flow::kNone);
}

}  // namespace
}  // namespace minerwall::tcp

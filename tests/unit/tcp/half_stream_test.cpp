#include "tcp/half_stream.hpp"

#include <gtest/gtest.h>

#include <string>

namespace minerwall::tcp {

using namespace flow;

namespace {

using Kind = Arrival::Kind;

class HalfStreamTest : public testing::Test {
  protected:
    HalfStreamTest() { half_.start_at(next_); }
    ~HalfStreamTest() override {
        half_.release(memory_);
        EXPECT_EQ(memory_.in_use(), 0u);
    }

    Arrival at(std::uint32_t sequence, std::string_view text) {
        const Bytes piece{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
        half_.believe(memory_, next_, known_, sequence);
        while (known_ && half_.is_behind(next_)) {
            half_.run(memory_, next_).empty() ? half_.skip_missing(memory_, next_) : drain();
        }
        const Arrival arrival =
            half_.arrive(memory_, limits_, next_, known_, settled_, sequence, {&piece, 1});
        if (arrival.kind == Kind::in_order) {
            read(piece.subspan(arrival.skip));
            drain();
        }
        return arrival;
    }
    Kind kind(std::uint32_t sequence, std::string_view text) { return at(sequence, text).kind; }
    void acked(std::uint32_t ack, std::uint32_t window = 65535) {
        half_.hear(memory_, next_, known_, {ack, window, 0, false});
    }
    // A receiver whose acknowledgements do not pass here.
    void unheard() { half_.start(); }

    StreamMemory memory_{64};
    StreamLimits limits_;
    HalfStream half_;
    std::uint32_t next_ = 1000;
    bool known_ = true;
    bool settled_ = false;
    std::string read_;
    unsigned losses_ = 0;

  private:
    void read(Bytes bytes) {
        losses_ += half_.take_lost();
        read_.append(bytes.begin(), bytes.end());
        next_ += static_cast<std::uint32_t>(bytes.size());
    }
    void drain() {
        for (Bytes held; !(held = half_.run(memory_, next_)).empty();) {
            read(held);
        }
    }
};

TEST_F(HalfStreamTest, WhatComesInOrderIsReadAtOnce) {
    EXPECT_EQ(kind(1000, "abc"), Kind::in_order);
    EXPECT_EQ(kind(1003, "def"), Kind::in_order);
    EXPECT_EQ(read_, "abcdef");
    EXPECT_EQ(next_, 1006u);
}

TEST_F(HalfStreamTest, TheSegmentThatFillsTheHoleBringsWhatLiesBehindIt) {
    EXPECT_EQ(kind(1003, "def"), Kind::held);
    EXPECT_EQ(read_, "");
    EXPECT_EQ(kind(1000, "abc"), Kind::in_order);
    EXPECT_EQ(read_, "abcdef");
    EXPECT_EQ(losses_, 0u);
}

TEST_F(HalfStreamTest, AnIdenticalCopyIsNothingNew) {
    at(1000, "abcdef");
    EXPECT_EQ(kind(1000, "abcdef"), Kind::nothing);
    EXPECT_EQ(kind(1002, "cd"), Kind::nothing);
    EXPECT_EQ(kind(1004, "efg"), Kind::in_order);
    EXPECT_EQ(read_, "abcdefg");
}

TEST_F(HalfStreamTest, ADifferentCopyOfAnUnacknowledgedByteIsAConflict) {
    at(1000, "abcdef");
    EXPECT_EQ(kind(1000, "abXdef"), Kind::conflict);
    EXPECT_EQ(kind(1005, "Xgh"), Kind::conflict) << "new bytes do not make up for it";
    EXPECT_EQ(kind(999, "?aX"), Kind::conflict);
    EXPECT_EQ(read_, "abcdef");
    EXPECT_EQ(next_, 1006u);
}

TEST_F(HalfStreamTest, ADifferentCopyBehindAHoleIsAConflict) {
    at(1010, "klm");
    EXPECT_EQ(kind(1008, "ijXl"), Kind::conflict);
    EXPECT_EQ(kind(1000, "abcdefghijX"), Kind::conflict);
    EXPECT_EQ(kind(1000, "abcdefghijk"), Kind::in_order);
    EXPECT_EQ(read_, "abcdefghijklm");
}

TEST_F(HalfStreamTest, AnAcknowledgedByteIsTheReceiversWhateverComesLater) {
    at(1000, "abcdef");
    acked(1003);
    EXPECT_EQ(kind(1000, "XXX"), Kind::nothing);
    EXPECT_EQ(kind(1000, "XXXdefg"), Kind::in_order) << "the receiver cuts the old bytes off";
    EXPECT_EQ(read_, "abcdefg");
    EXPECT_EQ(kind(1002, "?X"), Kind::conflict);
}

TEST_F(HalfStreamTest, AKeepAliveByteIsNotRead) {
    at(1000, "abc");
    acked(1003);
    EXPECT_EQ(kind(1002, "?"), Kind::nothing);
    EXPECT_EQ(at(1003, "d").kind, Kind::in_order);
    EXPECT_EQ(read_, "abcd");
}

TEST_F(HalfStreamTest, AZeroWindowProbeIsReadOnceAndAnotherByteInItsPlaceIsAConflict) {
    at(1000, "abc");
    acked(1003, 0);
    EXPECT_EQ(kind(1003, "d"), Kind::in_order);
    EXPECT_EQ(kind(1003, "d"), Kind::nothing);
    EXPECT_EQ(kind(1003, "Xef"), Kind::conflict);
    acked(1003, 65535);
    EXPECT_EQ(kind(1003, "def"), Kind::in_order);
    EXPECT_EQ(read_, "abcdef");
}

TEST_F(HalfStreamTest, WhatTheReceiverHasAcknowledgedIsGivenBack) {
    for (std::uint32_t i = 0; i < 20; ++i) {
        at(1000 + i * 1000, std::string(1000, 'x'));
        EXPECT_TRUE(half_.is_guarding());
        acked(1999 + i * 1000);
        EXPECT_EQ(memory_.in_use(), 1u);
    }
    acked(21000);
    EXPECT_FALSE(half_.is_guarding());
}

TEST_F(HalfStreamTest, BeyondTheWindowNothingIsTaken) {
    at(1000, "abc");
    acked(1003, 1000);
    constexpr std::uint32_t kReach = 2 * 1000 + (1 << 16);
    EXPECT_EQ(kind(1003 + kReach + 1, "zzz"), Kind::ignored);
    EXPECT_EQ(kind(1003 + kReach, "zzz"), Kind::held) << "if unsure, it counts as data";
    EXPECT_EQ(kind(1003 - 2000, "old"), Kind::nothing);
}

TEST_F(HalfStreamTest, AShrunkenWindowDoesNotMakeUsDeaf) {
    acked(1000, 60000);
    acked(1000, 10);
    EXPECT_EQ(kind(1000 + 100'000, "x"), Kind::held);
}

TEST_F(HalfStreamTest, AnOlderWordOfTheReceiverChangesNothing) {
    at(1000, "abcdef");
    acked(1006);
    acked(1003);
    EXPECT_EQ(kind(1003, "XXX"), Kind::nothing);
}

TEST_F(HalfStreamTest, AWordBeyondWhatPassedMeansThatBytesWentAnotherWay) {
    at(1000, "abc");
    acked(1020);
    EXPECT_EQ(kind(1020, "xyz"), Kind::in_order);
    EXPECT_EQ(losses_, 1u) << "a parser must learn of the gap";
    EXPECT_EQ(read_, "abcxyz");
}

TEST_F(HalfStreamTest, WhatIsHeldBehindAHoleThatWentAnotherWayIsStillRead) {
    at(1000, "abc");
    at(1010, "klm");
    at(1015, "pq");
    acked(1017);
    EXPECT_EQ(kind(1017, "r"), Kind::in_order);
    EXPECT_EQ(read_, "abcklmpqr");
    EXPECT_EQ(losses_, 2u);
}

TEST_F(HalfStreamTest, SequenceNumbersWrap) {
    next_ = 0xfffffffe;
    half_.start_at(next_);
    EXPECT_EQ(kind(1, "def"), Kind::held);
    EXPECT_EQ(kind(0xfffffffe, "abc"), Kind::in_order);
    EXPECT_EQ(read_, "abcdef");
    EXPECT_EQ(kind(0xffffffff, "bX"), Kind::conflict);
    acked(2);
    EXPECT_EQ(kind(0xffffffff, "bX"), Kind::nothing);
    EXPECT_EQ(next_, 4u);
}

TEST_F(HalfStreamTest, TimestampsOlderThanTheReceiversAreStale) {
    EXPECT_FALSE(half_.is_stale(0)) << "no timestamp is known";
    half_.note_timestamp(400);
    half_.hear(memory_, next_, known_, {1000, 1, 500, true});
    EXPECT_FALSE(half_.is_stale(0)) << "an echo of a timestamp that was not sent";
    half_.note_timestamp(500);
    half_.hear(memory_, next_, known_, {1000, 1, 500, true});
    EXPECT_FALSE(half_.is_stale(500));
    EXPECT_FALSE(half_.is_stale(499)) << "Linux lets one tick of disorder pass";
    EXPECT_TRUE(half_.is_stale(498));
    half_.hear(memory_, next_, known_, {1000, 1, 3, true});
    EXPECT_TRUE(half_.is_stale(0xffffff00)) << "across the wrap";
    EXPECT_FALSE(half_.is_stale(4));
}

TEST_F(HalfStreamTest, OnlyTheExactNumberResets) {
    at(1000, "abcdef");
    acked(1003);
    EXPECT_TRUE(half_.obeys_reset(1006, next_)) << "all arrived";
    EXPECT_TRUE(half_.obeys_reset(1003, next_)) << "the rest was lost";
    EXPECT_FALSE(half_.obeys_reset(1004, next_));
    EXPECT_FALSE(half_.obeys_reset(1007, next_));
}

TEST_F(HalfStreamTest, BehindAFinThatWasAcknowledgedNothingIsRead) {
    at(1000, "abc");
    half_.note_fin(1003);
    EXPECT_EQ(kind(1003, "d"), Kind::in_order) << "the receiver may not have that FIN";
    acked(1004);
    EXPECT_FALSE(half_.is_finished()) << "it has that byte instead";
    half_.note_fin(1004);
    acked(1005);
    EXPECT_TRUE(half_.is_finished());
    EXPECT_EQ(losses_, 0u) << "a FIN takes a sequence number but is not a byte";
    EXPECT_EQ(kind(1005, "evil"), Kind::ignored);
    EXPECT_EQ(read_, "abcd");
}

TEST_F(HalfStreamTest, ASettledDirectionIsGuardedAndNotRemembered) {
    at(1000, "hello");
    settled_ = true;
    EXPECT_EQ(kind(1000, "hellX"), Kind::conflict);
    EXPECT_EQ(kind(1005, "more"), Kind::nothing);
    EXPECT_EQ(next_, 1009u);
    EXPECT_EQ(kind(1005, "MORE"), Kind::nothing);
    EXPECT_EQ(memory_.in_use(), 1u);
    EXPECT_EQ(read_, "hello");
}

TEST_F(HalfStreamTest, WithoutAReceiverASettledDirectionIsNotGuardedForEver) {
    unheard();
    at(1000, "hello");
    settled_ = true;
    for (unsigned i = 1; i < HalfStream::kGuardedSegments; ++i) {
        EXPECT_FALSE(half_.guard_is_stale());
        at(1005 + i, "x");
    }
    EXPECT_TRUE(half_.guard_is_stale());
    acked(1001);
    EXPECT_FALSE(half_.guard_is_stale()) << "the receiver is heard";
    for (unsigned i = 0; i < 2 * HalfStream::kGuardedSegments; ++i) {
        at(1100 + i, "x");
    }
    EXPECT_FALSE(half_.guard_is_stale()) << "the receiver does not have them";
}

TEST_F(HalfStreamTest, WhereTheReceiverIsNeverHeardAHoleIsGivenUp) {
    unheard();
    for (unsigned i = 0; i + 1 < HalfStream::kPatience; ++i) {
        const Arrival arrival = at(1010 + i, "x");
        EXPECT_EQ(arrival.kind, Kind::held);
        EXPECT_TRUE(arrival.alone) << "the receiver may wait for earlier bytes";
    }
    EXPECT_EQ(read_, "");
    at(1010 + HalfStream::kPatience - 1, "y");
    EXPECT_EQ(read_, std::string(HalfStream::kPatience - 1, 'x') + "y");
    EXPECT_EQ(losses_, 1u);
}

TEST_F(HalfStreamTest, WhereTheReceiverIsNeverHeardAJumpMustGoOn) {
    unheard();
    at(1000, "abc");
    Arrival arrival = at(9'000'000, "decoy");
    EXPECT_TRUE(arrival.alone);
    EXPECT_EQ(next_, 1003u);
    EXPECT_EQ(kind(1003, "def"), Kind::in_order) << "one far segment is not believed";
    at(9'000'005, "x");
    at(9'000'006, "y");
    EXPECT_EQ(next_, 9'000'007u) << "another connection on the same ports";
    EXPECT_EQ(losses_, 1u);
}

TEST_F(HalfStreamTest, WordsOfAnotherConnectionAreBelievedWhenItsDataGoesOnFromThere) {
    next_ = 0x40000000;
    half_.start_at(next_);
    at(next_, "abc");
    acked(next_, 1000);
    for (unsigned i = 0; i < 5; ++i) {
        acked(1000, 1000);
    }
    EXPECT_EQ(kind(0x40000003, "def"), Kind::in_order)
        << "an acknowledgement alone changes nothing";
    EXPECT_EQ(losses_, 0u);
    EXPECT_EQ(kind(1000, "xyz"), Kind::in_order);
    EXPECT_EQ(losses_, 1u);
}

TEST_F(HalfStreamTest, AWordBeyondWhatPassedHidesNothing) {
    // The receiver acknowledges bytes that were not sent; the sender ignores that and continues.
    at(1000, "abc");
    acked(5000);
    EXPECT_EQ(kind(1003, "def"), Kind::in_order);
    EXPECT_EQ(kind(1006, "ghi"), Kind::in_order);
    EXPECT_EQ(read_, "abcdefghi");
    EXPECT_EQ(losses_, 0u);
}

TEST_F(HalfStreamTest, BytesBelowAWordThatWasBelievedAreJudgedByThemselves) {
    at(1000, "abc");
    acked(5000);
    EXPECT_EQ(kind(5000, "x"), Kind::in_order);
    const Arrival late = at(1003, "def");
    EXPECT_EQ(late.kind, Kind::nothing);
    EXPECT_TRUE(late.alone);
    EXPECT_FALSE(at(1000, "abc").alone) << "these were read";
}

TEST_F(HalfStreamTest, MidStreamTheFirstSegmentSaysWhereReadingBegins) {
    unheard();
    known_ = false;
    EXPECT_EQ(kind(777, "abc"), Kind::in_order);
    EXPECT_EQ(next_, 780u);
}

TEST_F(HalfStreamTest, ACopyThatCouldNotBeKeptIsReadAgain) {
    limits_.pages = 1;
    next_ = 1024;
    half_.start_at(1024);
    at(1024, std::string(1024, 'a'));
    at(2048, std::string(1024, 'b'));
    EXPECT_EQ(memory_.in_use(), 1u) << "the bound";
    EXPECT_EQ(kind(1024, std::string(1024, 'c')), Kind::in_order)
        << "not acknowledged and not held: the receiver may get this copy";
    EXPECT_EQ(losses_, 1u);
}

TEST_F(HalfStreamTest, AMegabyteBehindAHoleIsBoundedAndCounted) {
    limits_.pages = 8;
    unsigned exhausted = 0;
    acked(1000, 1 << 20);
    for (std::uint32_t i = 0; i < 1024; ++i) {
        exhausted += at(2000 + i * 1024, std::string(1024, 'x')).exhausted;
    }
    EXPECT_LE(memory_.in_use(), 6u) << "a quarter is left for the segment that fills the hole";
    EXPECT_GE(exhausted, 1024u - 6);
    EXPECT_EQ(kind(1000, std::string(1000, 'y')), Kind::in_order);
    EXPECT_GT(read_.size(), 5000u);
}

TEST_F(HalfStreamTest, WithTheDropPolicyNothingPassesThatCannotBeRemembered) {
    limits_ = {.pages = 4, .drop_when_full = true};
    for (std::uint32_t i = 0; i < 10; ++i) {
        at(2048 + i * 1024, std::string(1024, 'x'));
    }
    EXPECT_EQ(kind(2048 + 20 * 1024, "x"), Kind::full);
    EXPECT_EQ(kind(1000, std::string(1048, 'y')), Kind::full) << "two pages, one is left";
    EXPECT_EQ(kind(1000, std::string(24, 'y')), Kind::in_order);
    EXPECT_EQ(kind(1000, std::string(24, 'z')), Kind::conflict);
}

}  // namespace
}  // namespace minerwall::tcp

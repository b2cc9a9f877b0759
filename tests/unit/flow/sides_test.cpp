#include "flow/sides.hpp"

#include <gtest/gtest.h>

namespace minerwall::flow {
namespace {

constexpr bool kLow = true, kHigh = false;    // the sender
constexpr bool kFirst = false, kSecond = true;  // the end of the wire

TEST(Sides, AnEndIsBelievedWhenItsPeerWasSeenAtTheOtherEndOnly) {
    Flow flow{};
    EXPECT_EQ(note_side(flow, kLow, kFirst), Side::unknown) << "nobody else was seen";
    EXPECT_EQ(note_side(flow, kHigh, kSecond), Side::right);
    EXPECT_EQ(note_side(flow, kLow, kFirst), Side::right);
}

TEST(Sides, WhoSpeaksInAnothersNameFromHisOwnEndIsNotBelieved) {
    Flow flow{};
    note_side(flow, kLow, kFirst);
    EXPECT_EQ(note_side(flow, kHigh, kFirst), Side::unknown);
    EXPECT_EQ(note_side(flow, kHigh, kSecond), Side::right) << "the real one";
    EXPECT_EQ(note_side(flow, kHigh, kFirst), Side::wrong) << "now it is known where it lives";
    EXPECT_EQ(note_side(flow, kHigh, kSecond), Side::right);
}

TEST(Sides, ALieBeforeEverythingElseIsNotBelievedEither) {
    Flow flow{};
    EXPECT_EQ(note_side(flow, kHigh, kFirst), Side::unknown);
    EXPECT_EQ(note_side(flow, kLow, kFirst), Side::unknown);
    EXPECT_EQ(note_side(flow, kHigh, kFirst), Side::unknown);
    EXPECT_EQ(note_side(flow, kHigh, kSecond), Side::right) << "its peer was seen at one end only";
}

TEST(Sides, WhenEachWasSeenAtBothEndsNobodyIsBelieved) {
    Flow flow{};
    for (const bool second : {kFirst, kSecond}) {
        note_side(flow, kLow, second);
        note_side(flow, kHigh, second);
    }
    for (const bool second : {kFirst, kSecond}) {
        EXPECT_EQ(note_side(flow, kLow, second), Side::unknown);
        EXPECT_EQ(note_side(flow, kHigh, second), Side::unknown);
    }
}

TEST(Sides, APacketThatGoesAwayFromItsReceiverIsAtTheWrongEnd) {
    Flow flow{};
    note_side(flow, kLow, kFirst);
    note_side(flow, kHigh, kSecond);
    EXPECT_EQ(note_side(flow, kLow, kSecond), Side::wrong);
    EXPECT_EQ(note_side(flow, kHigh, kSecond), Side::unknown) << "its peer may live on either side";
    EXPECT_EQ(note_side(flow, kLow, kFirst), Side::right);
}

TEST(Sides, OtherBitsOfTheFlowStay) {
    Flow flow{};
    flow.more = 0xf0;
    note_side(flow, kLow, kSecond);
    EXPECT_EQ(flow.more, 0xf0 | Flow::low_at_second);
}

}  // namespace
}  // namespace minerwall::flow

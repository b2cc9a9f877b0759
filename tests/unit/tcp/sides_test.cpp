#include "tcp/sides.hpp"

#include <gtest/gtest.h>

namespace minerwall::tcp {

using namespace flow;

namespace {

constexpr bool kLow = true, kHigh = false;      // the sender
constexpr bool kFirst = false, kSecond = true;  // the end of the wire

TEST(Sides, AnEndIsBelievedWhenItsPeerWasSeenAtTheOtherEndOnly) {
    Flow flow{};
    EXPECT_EQ(note_sides(flow, kLow, kFirst).side, Side::unknown) << "the peer was not seen yet";
    EXPECT_EQ(note_sides(flow, kHigh, kSecond).side, Side::right);
    EXPECT_EQ(note_sides(flow, kLow, kFirst).side, Side::right);
}

TEST(Sides, WhoSpeaksInAnothersNameFromHisOwnEndIsNotBelieved) {
    Flow flow{};
    note_sides(flow, kLow, kFirst);
    EXPECT_EQ(note_sides(flow, kHigh, kFirst).side, Side::unknown);
    EXPECT_EQ(note_sides(flow, kHigh, kSecond).side, Side::right) << "the real one";
    EXPECT_EQ(note_sides(flow, kHigh, kFirst).side, Side::wrong) << "its side is known now";
    EXPECT_EQ(note_sides(flow, kHigh, kSecond).side, Side::right);
}

TEST(Sides, ALieBeforeEverythingElseIsNotBelievedEither) {
    Flow flow{};
    EXPECT_EQ(note_sides(flow, kHigh, kFirst).side, Side::unknown);
    EXPECT_EQ(note_sides(flow, kLow, kFirst).side, Side::unknown);
    EXPECT_EQ(note_sides(flow, kHigh, kFirst).side, Side::unknown);
    EXPECT_EQ(note_sides(flow, kHigh, kSecond).side, Side::right)
        << "its peer was seen at one end only";
}

TEST(Sides, NoPeerIsBelievedThatWasSeenAtBothEnds) {
    Flow flow{};
    for (const bool second : {kFirst, kSecond}) {
        note_sides(flow, kLow, second);
        note_sides(flow, kHigh, second);
    }
    for (const bool second : {kFirst, kSecond}) {
        EXPECT_EQ(note_sides(flow, kLow, second).side, Side::unknown);
        EXPECT_EQ(note_sides(flow, kHigh, second).side, Side::unknown);
    }
}

TEST(Sides, APacketThatGoesAwayFromItsReceiverIsAtTheWrongEnd) {
    Flow flow{};
    note_sides(flow, kLow, kFirst);
    note_sides(flow, kHigh, kSecond);
    EXPECT_EQ(note_sides(flow, kLow, kSecond).side, Side::wrong);
    EXPECT_EQ(note_sides(flow, kHigh, kSecond).side, Side::right) << "it is not noted";
    EXPECT_EQ(note_sides(flow, kLow, kFirst).side, Side::right);
}

TEST(Sides, EndsThatWereForgedBeforeTheFirstPacketAreForgotten) {
    Flow flow{};
    flow.inspection = kNone;
    note_sides(flow, kLow, kSecond);  // two hosts that act together, in each other's name
    note_sides(flow, kHigh, kFirst);
    flow.set(Flow::settled_0);
    EXPECT_EQ(note_sides(flow, kLow, kFirst).side, Side::wrong);
    EXPECT_NE(note_sides(flow, kHigh, kSecond).side, Side::wrong);
    EXPECT_FALSE(flow.has(Flow::settled_0)) << "read anew";
    EXPECT_EQ(note_sides(flow, kLow, kFirst).side, Side::right);
    EXPECT_EQ(note_sides(flow, kHigh, kSecond).side, Side::right);
}

TEST(Sides, OneStrangerDoesNotMoveAnEnd) {
    Flow flow{};
    note_sides(flow, kLow, kFirst);
    note_sides(flow, kHigh, kSecond);
    for (unsigned i = 0; i < 1000; ++i) {
        EXPECT_EQ(note_sides(flow, kLow, kSecond).side, Side::wrong);
    }
    EXPECT_EQ(note_sides(flow, kHigh, kSecond).side, Side::right);
    // Both names, but packets of the real ends between them.
    EXPECT_EQ(note_sides(flow, kHigh, kFirst).side, Side::wrong);
    EXPECT_EQ(note_sides(flow, kLow, kFirst).side, Side::right);
    EXPECT_EQ(note_sides(flow, kLow, kSecond).side, Side::wrong);
}

TEST(Sides, APeerIsHeardWhateverWasSaidInItsNameHere) {
    Flow flow{};
    note_sides(flow, kHigh, kFirst);
    EXPECT_FALSE(note_sides(flow, kLow, kFirst).peer_heard);
    note_sides(flow, kHigh, kSecond);
    EXPECT_TRUE(note_sides(flow, kLow, kFirst).peer_heard);
    EXPECT_EQ(note_sides(flow, kLow, kFirst).side, Side::unknown);
    note_sides(flow, kLow, kSecond);
    EXPECT_FALSE(note_sides(flow, kLow, kFirst).peer_heard);
}

TEST(Sides, OtherBitsOfTheFlowStay) {
    Flow flow{};
    flow.flags = ~std::uint32_t{Flow::ends};
    note_sides(flow, kLow, kSecond);
    EXPECT_EQ(flow.flags, ~std::uint32_t{Flow::ends} | Flow::low_at_second);
}

}  // namespace
}  // namespace minerwall::tcp

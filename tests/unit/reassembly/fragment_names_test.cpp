// Pieces with the name of a datagram that is whole: repetitions, and other datagrams.
#include <gtest/gtest.h>

#include <algorithm>

#include "fragment_wire.hpp"

namespace minerwall::reassembly {
namespace {

// The receiver may have lost the piece, or an attacker kept it away. A sender that repeats it must
// not get past the verdict.
TEST(Fragments, APieceOfAWholeDatagramCompletesItAgainAFewTimes) {
    Wire wire;
    const Octets all = bytes(24);
    ASSERT_EQ(wire.piece(0, true, part_of(all, 0, 16)), Outcome::held);
    ASSERT_EQ(wire.piece(16, false, part_of(all, 16, 8)), Outcome::complete);
    for (unsigned n = 0; n < 2 * 4 + 8; ++n) {
        ASSERT_EQ(wire.piece(0, true, part_of(all, 0, 16)), Outcome::complete) << n;
        ASSERT_EQ(wire.whole(), all);
    }
    EXPECT_EQ(wire.piece(0, true, part_of(all, 0, 16)), Outcome::conflict);
    EXPECT_EQ(wire.piece(0, true, bytes(16, 9)), Outcome::conflict);
    wire.wait(65);
    EXPECT_EQ(wire.piece(0, true, bytes(16, 9)), Outcome::held) << "the identification is free";
}

TEST(Fragments, FiveCopiesOfADatagramOfAnyNumberOfPiecesGoOn) {
    for (const std::size_t count : {2u, 9u, 12u, 44u, 113u}) {
        Wire wire({64, 4096, 65000});
        const Octets all = bytes(count == 113 ? 65000 : 1480 * count - 700);
        const std::size_t length = count == 113 ? 576 : 1480;
        const std::vector<Piece> pieces = cut(all, std::vector<std::size_t>(count - 1, length));
        for (unsigned copy = 0; copy < (count == 113 ? 3u : 5u); ++copy) {
            EXPECT_EQ(wire.send(pieces), count) << copy;
            EXPECT_EQ(wire.last.outcome, Outcome::complete);
            EXPECT_EQ(wire.whole(), all);
        }
    }
}

// A sender must not make us read 64 KiB for each piece of eight bytes that it sends.
TEST(Fragments, RepetitionsShareWhatMayBeSpentOnThem) {
    Wire wire({64, 4096, 65000});
    const Octets all = bytes(65000);
    const std::vector<Piece> pieces = cut(all, std::vector<std::size_t>(43, 1480));
    const auto repeated = [&] {
        std::uint64_t again = 0;
        for (std::uint32_t id = 0; id < 4; ++id) {
            for (const Piece& p : pieces) {
                (void)wire.piece(p.offset, p.more, p.data, id);
            }
            while (wire.piece(0, true, part_of(all, 0, 8), id) == Outcome::complete) {
                ++again;
            }
        }
        return again;
    };
    const std::uint64_t most = 16 * 1024 * 1024 / 65000;
    EXPECT_EQ(repeated(), most);
    wire.wait(70);
    EXPECT_EQ(repeated(), most) << "the budget has grown again, up to its bound";
}

TEST(Fragments, APieceThatDiedOnTheWayCannotBeReplacedLater) {
    for (const bool marked : {false, true}) {
        Wire wire;
        const Octets decoy = bytes(24);
        ASSERT_EQ(wire.piece(0, true, part_of(decoy, 0, 8)), Outcome::held);
        wire.mark = marked ? 2 : 1;
        wire.plain = marked;
        ASSERT_EQ(wire.piece(8, true, part_of(decoy, 8, 8)), Outcome::held);  // its TTL ends here
        wire.mark = 1;
        wire.plain = true;
        ASSERT_EQ(wire.piece(16, false, part_of(decoy, 16, 8)), Outcome::complete);
        wire.wait(59);
        EXPECT_EQ(wire.piece(8, true, bytes(8, 99)), Outcome::conflict);
        wire.wait(60);
        EXPECT_EQ(wire.piece(8, true, bytes(8, 99)), Outcome::held)
            << "no receiver waits that long";
    }
}

TEST(Fragments, AnotherDatagramMayHaveTheNameOfOneThatIsWhole) {
    Wire wire;
    const Octets one = bytes(40);
    const Octets other = bytes(56, 100);
    for (unsigned n = 0; n < 5; ++n) {
        ASSERT_EQ(wire.send(cut(n % 2 == 0 ? one : other, {16, 16})), 3u) << n;
        ASSERT_EQ(wire.last.outcome, Outcome::complete);
        ASSERT_EQ(wire.whole(), n % 2 == 0 ? one : other);
        wire.wait_ms(20);
    }
    EXPECT_EQ(wire.table.size(), 1u);
    // In any order, if the first piece has other bytes.
    std::vector<Piece> reversed = cut(other, {16, 16});
    std::reverse(reversed.begin(), reversed.end());
    EXPECT_EQ(wire.send(reversed), 3u);
    EXPECT_EQ(wire.whole(), other);
}

TEST(Fragments, ItsNameIsNotFreeAtOnceBecausePiecesOvertakeEachOther) {
    Wire wire;
    ASSERT_EQ(wire.send(cut(bytes(40), {16})), 2u);
    wire.wait_ms(19);
    EXPECT_EQ(wire.piece(0, true, bytes(16, 100)), Outcome::conflict);
    wire.wait_ms(1);
    EXPECT_EQ(wire.piece(0, true, bytes(16, 100)), Outcome::held);
}

// Each case leaves a piece at some receiver, which another datagram could complete.
TEST(Fragments, TheNameOfADatagramOfWhichAPieceMayBeLeftOverIsNotFree) {
    const Octets all = bytes(17 * 8);
    const auto is_free = [](Wire& wire) {
        EXPECT_EQ(wire.last.outcome, Outcome::complete);
        wire.wait_ms(100);
        return wire.piece(0, true, bytes(16, 200)) != Outcome::conflict;
    };
    {
        Wire wire;
        wire.send(cut(all, {16}));
        EXPECT_TRUE(is_free(wire)) << "the plain case";
    }
    {
        Wire wire;
        wire.send(cut(all, {16}));
        wire.wait_ms(100);
        wire.piece(16, false, part_of(all, 16, all.size() - 16));
        EXPECT_FALSE(is_free(wire)) << "a second copy begins";
    }
    {
        Wire wire;
        wire.piece(0, true, part_of(all, 0, 16));
        wire.send(cut(all, {16}));
        EXPECT_FALSE(is_free(wire)) << "twice before it was whole";
    }
    {
        Wire wire;
        wire.piece(0, true, part_of(all, 0, 16));
        wire.piece(8, false, part_of(all, 8, all.size() - 8));
        EXPECT_FALSE(is_free(wire)) << "an overlap";
    }
    for (const std::uint64_t ms : {1000u, 1001u}) {
        Wire wire;
        wire.piece(0, true, part_of(all, 0, 16));
        wire.wait_ms(ms);
        wire.piece(16, false, part_of(all, 16, all.size() - 16));
        EXPECT_EQ(is_free(wire), ms == 1000) << "a receiver may have given up";
    }
    for (const std::size_t count : {16u, 17u}) {
        Wire wire;
        wire.send(cut(all, std::vector<std::size_t>(count - 1, 8)));
        EXPECT_EQ(is_free(wire), count == 16) << "more pieces than some receivers accept";
    }
    for (const std::uint32_t between : {32u, 33u}) {
        Wire wire;
        wire.piece(0, true, part_of(all, 0, 16));
        for (std::uint32_t id = 0; id < between; ++id) {
            wire.piece(8, true, bytes(8), 1000 + id % 4);
        }
        wire.piece(16, false, part_of(all, 16, all.size() - 16));
        EXPECT_EQ(is_free(wire), between == 32) << "Linux drops pieces that come too late";
    }
}

}  // namespace
}  // namespace minerwall::reassembly

// How long a datagram is remembered, and who has to go when room runs out.
#include <gtest/gtest.h>

#include <random>

#include "fragment_wire.hpp"

namespace minerwall::reassembly {
namespace {

TEST(Fragments, ABlockedDatagramStaysBlockedForItsTime) {
    Wire wire;
    const Octets all = bytes(24);
    ASSERT_EQ(wire.piece(0, true, part_of(all, 0, 16)), Outcome::held);
    ASSERT_EQ(wire.piece(16, false, part_of(all, 16, 8)), Outcome::complete);
    wire.table.block_own(wire.table.ticket(wire.last.datagram), wire.now);
    EXPECT_EQ(wire.table.size(), 0u);
    EXPECT_EQ(wire.piece(16, false, part_of(all, 16, 8)), Outcome::blocked);
    wire.wait_ms(500);
    EXPECT_EQ(wire.piece(0, true, bytes(16, 50)), Outcome::blocked) << "for any bytes";
    wire.wait(66);
    EXPECT_EQ(wire.piece(16, false, part_of(all, 16, 8)), Outcome::held);
}

TEST(Fragments, AnotherWorkersTableCanBeAskedWhatItBlocked) {
    Wire owner_of_fragments;
    Wire owner_of_flow;
    ASSERT_EQ(owner_of_fragments.piece(0, true, bytes(8)), Outcome::held);
    ASSERT_EQ(owner_of_fragments.piece(8, false, bytes(8)), Outcome::complete);
    const auto ticket = owner_of_fragments.table.ticket(owner_of_fragments.last.datagram);
    EXPECT_FALSE(owner_of_flow.table.is_blocked(ticket.hash, owner_of_flow.now));
    owner_of_flow.table.block(ticket, owner_of_flow.now);
    EXPECT_TRUE(owner_of_flow.table.is_blocked(ticket.hash, owner_of_flow.now));
    owner_of_flow.wait(66);
    EXPECT_FALSE(owner_of_flow.table.is_blocked(ticket.hash, owner_of_flow.now));
}

TEST(Fragments, BlockingIsRememberedThoughTheRecordHasGone) {
    Wire wire({1, 512, 65000});
    const Octets all = bytes(16);
    ASSERT_EQ(wire.piece(0, true, part_of(all, 0, 8), 1), Outcome::held);
    ASSERT_EQ(wire.piece(8, false, part_of(all, 8, 8), 1), Outcome::complete);
    const FragmentTable::Ticket ticket = wire.table.ticket(wire.last.datagram);
    ASSERT_EQ(wire.piece(0, true, bytes(8), 2), Outcome::held) << "takes the only record";
    wire.table.block_own(ticket, wire.now);
    EXPECT_EQ(wire.table.size(), 1u) << "the other one's record is its own";
    EXPECT_EQ(wire.piece(8, false, part_of(all, 8, 8), 1), Outcome::blocked);
}

TEST(Fragments, TheTimeoutRunsFromTheLastPieceThatWentOn) {
    Wire wire;
    ASSERT_EQ(wire.piece(0, true, bytes(8)), Outcome::held);
    for (std::uint32_t n = 1; n < 5; ++n) {
        wire.wait(60);
        EXPECT_EQ(wire.table.expire(wire.now, 8), 0u);
        ASSERT_EQ(wire.piece(8 * n, true, bytes(8)), Outcome::held);
    }
    wire.wait(65);
    EXPECT_EQ(wire.table.expire(wire.now, 8), 1u);
    EXPECT_EQ(wire.table.size(), 0u);
    EXPECT_EQ(wire.table.blocks_in_use(), 0u);
}

TEST(Fragments, AnEndedDatagramIsNotContinuedBeforeItIsSwept) {
    Wire wire;
    ASSERT_EQ(wire.piece(0, true, bytes(8)), Outcome::held);
    wire.wait(65);
    EXPECT_EQ(wire.piece(8, false, bytes(8)), Outcome::held);
}

TEST(Fragments, SweepingIsBounded) {
    Wire wire;
    for (std::uint32_t id = 0; id < 40; ++id) {
        ASSERT_EQ(wire.piece(0, true, bytes(8), id, id), Outcome::held);
    }
    wire.wait(70);
    EXPECT_EQ(wire.table.expire(wire.now, 16), 16u);
    EXPECT_EQ(wire.table.expire(wire.now, 16), 16u);
    EXPECT_EQ(wire.table.expire(wire.now, 16), 8u);
}

TEST(Fragments, ASourceThatHoldsTooManyLosesOnlyItsOwnOldest) {
    Wire wire({64, 512, 65000});
    ASSERT_EQ(wire.piece(0, true, bytes(8), 1, 500), Outcome::held);
    for (std::uint32_t id = 0; id < 17; ++id) {
        ASSERT_EQ(wire.piece(0, true, bytes(8), id, 1), Outcome::held);
    }
    EXPECT_EQ(wire.table.size(), 17u) << "a quarter of 64, and the other's";
    EXPECT_EQ(wire.piece(8, false, bytes(8), 0, 1), Outcome::over_share)
        << "a forgotten datagram is not completed unseen";
    EXPECT_EQ(wire.piece(8, false, bytes(8), 16, 1), Outcome::complete);
    EXPECT_EQ(wire.piece(8, false, bytes(8), 1, 500), Outcome::complete);
}

TEST(Fragments, ASourceThatHoldsTooMuchLosesItsOldest) {
    Wire wire({64, 512, 65000});  // 1,008 blocks; a quarter of it is two whole datagrams less 4
    Octets large = bytes(60000);
    for (std::uint32_t id = 0; id < 6; ++id) {
        ASSERT_EQ(wire.piece(0, true, large, id, 1), Outcome::held);
    }
    EXPECT_LE(wire.table.blocks_in_use(), 252u);
    EXPECT_EQ(wire.piece(60000, false, bytes(8), 0, 1), Outcome::over_share);
    EXPECT_EQ(wire.piece(60000, false, bytes(8), 5, 1), Outcome::complete);
}

TEST(Fragments, WholeDatagramsMakeRoomFirstThenTheOldestOfAll) {
    Wire wire({8, 512, 65000});
    ASSERT_EQ(wire.piece(0, true, bytes(8), 0, 0), Outcome::held);
    ASSERT_EQ(wire.piece(0, true, bytes(8), 100, 100), Outcome::held);
    ASSERT_EQ(wire.piece(8, false, bytes(8), 100, 100), Outcome::complete);
    for (std::uint32_t n = 1; n < 8; ++n) {
        ASSERT_EQ(wire.piece(0, true, bytes(8), n, n), Outcome::held);
    }
    EXPECT_EQ(wire.table.size(), 8u);
    EXPECT_EQ(wire.piece(8, false, bytes(8), 100, 100), Outcome::held)
        << "the whole one is gone, so this piece begins a new one and evicts the oldest";
    EXPECT_EQ(wire.piece(8, false, bytes(8), 0, 0), Outcome::full);
}

TEST(Fragments, MemoryIsGivenBackHoweverADatagramEnds) {
    Wire wire({32, 256, 65000});
    std::mt19937 random(9);
    for (unsigned n = 0; n < 20000; ++n) {
        const std::uint32_t source = random() % 8;
        const std::uint32_t id = random() % 16;
        const std::uint32_t offset = random() % 64 * 8;
        (void)wire.piece(offset, random() % 4 != 0, bytes(8 * (1 + random() % 80)), id, source);
        wire.now += random() % 3000 * kNanosPerMilli;
        if (n % 64 == 0) {
            (void)wire.table.expire(wire.now, 4);
        }
    }
    wire.wait(200);
    while (wire.table.size() != 0) {
        (void)wire.table.expire(wire.now, 4);
    }
    EXPECT_EQ(wire.table.blocks_in_use(), 0u);
}

}  // namespace
}  // namespace minerwall::reassembly

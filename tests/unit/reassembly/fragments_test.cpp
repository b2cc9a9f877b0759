// How a datagram is put together, and which pieces contradict it.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "fragment_wire.hpp"

namespace minerwall::reassembly {
namespace {

TEST(Fragments, TheLastMissingPieceCompletesInEveryOrder) {
    const Octets all = bytes(101);
    std::vector<Piece> pieces = cut(all, {24, 8, 40});
    std::vector<unsigned> order = {0, 1, 2, 3};
    std::uint32_t id = 0;
    do {
        Wire wire;
        for (unsigned n = 0; n < 4; ++n) {
            const Piece& p = pieces[order[n]];
            ASSERT_EQ(wire.piece(p.offset, p.more, p.data, id),
                      n < 3 ? Outcome::held : Outcome::complete);
        }
        EXPECT_EQ(wire.whole(), all);
        EXPECT_EQ(wire.table.ip_proto(wire.last.datagram), packet::kProtoUdp);
        ++id;
    } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Fragments, DatagramsOfOtherIdsAddressesAndProtocolsDoNotMix) {
    Wire wire;
    const Octets data = bytes(8);
    FragmentKey key = Wire::key(7);
    ASSERT_EQ(wire.add(key, {0, true, data}).outcome, Outcome::held);
    std::vector<FragmentKey> others(9, key);
    others[0].id = 8;
    others[1].src = host(2);
    others[2].dst = host(2);
    others[3].ip_proto = packet::kProtoTcp;
    others[4].vlan = 5;
    others[5].inner_vlan = 5;
    others[6].wire = 1;
    others[7].tunnel_id = 99;
    others[8].version = 2;
    for (const FragmentKey& other : others) {
        EXPECT_EQ(wire.add(other, {8, false, data}).outcome, Outcome::held);
    }
    EXPECT_EQ(wire.add(key, {8, false, data}).outcome, Outcome::complete);
}

TEST(Fragments, ACopyIsForwardedAndChangesNothing) {
    Wire wire;
    const Octets all = bytes(32);
    EXPECT_EQ(wire.piece(0, true, part_of(all, 0, 16)), Outcome::held);
    EXPECT_EQ(wire.piece(0, true, part_of(all, 0, 16)), Outcome::held);
    EXPECT_EQ(wire.piece(8, true, part_of(all, 8, 16)), Outcome::held) << "partly the same";
    EXPECT_EQ(wire.piece(24, false, part_of(all, 24, 8)), Outcome::complete);
    EXPECT_EQ(wire.whole(), all);
}

TEST(Fragments, ADifferentByteCursesTheDatagram) {
    for (std::size_t wrong = 0; wrong < 24; ++wrong) {
        Wire wire;
        Octets all = bytes(40);
        ASSERT_EQ(wire.piece(8, true, part_of(all, 8, 24)), Outcome::held);
        Octets other = part_of(all, 8, 24);
        other[wrong] ^= 1;
        EXPECT_EQ(wire.piece(8, true, other), Outcome::conflict);
        EXPECT_EQ(wire.piece(0, true, part_of(all, 0, 8)), Outcome::conflict);
        EXPECT_EQ(wire.piece(32, false, part_of(all, 32, 8)), Outcome::conflict);
        EXPECT_EQ(wire.table.blocks_in_use(), 0u) << "a blocked datagram needs no memory";
        wire.wait(65);
        EXPECT_EQ(wire.piece(0, true, part_of(all, 0, 8)), Outcome::held)
            << "the identification is free";
    }
}

TEST(Fragments, ContradictingLengthsAreConflicts) {
    {
        Wire wire;
        EXPECT_EQ(wire.piece(16, false, bytes(8)), Outcome::held);
        EXPECT_EQ(wire.piece(32, false, bytes(8)), Outcome::conflict) << "another end, farther";
    }
    {
        Wire wire;
        EXPECT_EQ(wire.piece(16, false, bytes(8)), Outcome::held);
        EXPECT_EQ(wire.piece(8, false, bytes(8)), Outcome::conflict) << "another end, nearer";
    }
    {
        Wire wire;
        EXPECT_EQ(wire.piece(16, false, bytes(8)), Outcome::held);
        EXPECT_EQ(wire.piece(24, true, bytes(8)), Outcome::conflict) << "beyond the end";
    }
    {
        Wire wire;
        EXPECT_EQ(wire.piece(16, true, bytes(8)), Outcome::held);
        EXPECT_EQ(wire.piece(16, false, bytes(3)), Outcome::conflict)
            << "an end before what is held";
    }
    {
        Wire wire;
        EXPECT_EQ(wire.piece(16, false, bytes(3)), Outcome::held);
        EXPECT_EQ(wire.piece(16, true, bytes(8)), Outcome::conflict) << "a tail that grows";
    }
    {
        Wire wire;
        EXPECT_EQ(wire.piece(16, false, bytes(3)), Outcome::held);
        EXPECT_EQ(wire.piece(16, false, bytes(3)), Outcome::held) << "the same tail";
    }
}

TEST(Fragments, AnEmptyLastPieceIsAnEnd) {
    Wire wire;
    EXPECT_EQ(wire.piece(16, false, {}), Outcome::held);
    EXPECT_EQ(wire.piece(0, true, bytes(16)), Outcome::complete);
    EXPECT_EQ(wire.whole(), bytes(16));
}

TEST(Fragments, TwoFirstPiecesMustAgreeWhatTheDataIs) {
    Wire wire;
    const FragmentKey key = Wire::key(7);
    EXPECT_EQ(wire.add(key, {8, true, bytes(8)}, packet::kProtoTcp).outcome, Outcome::held)
        << "only the first piece's protocol counts";
    EXPECT_EQ(wire.add(key, {0, true, bytes(8)}, packet::kProtoUdp).outcome, Outcome::held);
    EXPECT_EQ(wire.add(key, {0, true, bytes(8)}, packet::kProtoTcp).outcome, Outcome::conflict);

    const FragmentKey routed = Wire::key(8);
    EXPECT_EQ(wire.add(routed, {0, true, bytes(8)}, packet::kProtoUdp, true).outcome,
              Outcome::held);
    EXPECT_EQ(wire.add(routed, {0, true, bytes(8)}, packet::kProtoUdp, false).outcome,
              Outcome::conflict);
}

TEST(Fragments, ThousandsOfTinyPiecesMakeADatagram) {
    Wire wire;
    const Octets all = bytes(65512);
    std::vector<std::uint32_t> order(all.size() / 8);
    std::iota(order.begin(), order.end(), 0u);
    std::mt19937 random(5);
    std::shuffle(order.begin(), order.end(), random);
    for (std::size_t n = 0; n < order.size(); ++n) {
        const std::uint32_t at = order[n] * 8;
        ASSERT_EQ(wire.piece(at, at + 8 != all.size(), part_of(all, at, 8)),
                  n + 1 == order.size() ? Outcome::complete : Outcome::held);
    }
    EXPECT_EQ(wire.whole(), all);
}

}  // namespace
}  // namespace minerwall::reassembly

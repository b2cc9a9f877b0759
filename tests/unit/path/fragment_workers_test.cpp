// Pieces of a datagram and its flow, which come in at two workers.
#include <gtest/gtest.h>

#include "fragment_traffic.hpp"

namespace minerwall::path {
namespace {

class FragmentsOfTwoWorkers : public testing::TestWithParam<bool> {
  protected:
    static RigOptions options() {
        RigOptions out;
        out.workers = 2;
        out.symmetric_nic = GetParam();
        return out;
    }
};

TEST_P(FragmentsOfTwoWorkers, MeetEachOtherAndTheirFlowWhereverTheyComeIn) {
    Rig rig(kResetMining, options());
    const auto settle = [&] {
        for (unsigned n = 0; n < 4; ++n) {
            rig.turn();
        }
    };
    for (std::uint16_t n = 0; n < 32; ++n) {
        Talk talk("10.0.0.1", "192.0.2.9", static_cast<std::uint16_t>(40000 + n), 8080);
        const Buffer syn = talk.syn();
        rig.put(0, syn, {}, rig.queue_of(syn));
        settle();
        const Buffer answer = talk.syn_ack();
        rig.put(1, answer, {}, rig.queue_of(answer));
        settle();
        EXPECT_EQ(rig.take(0).size() + rig.take(1).size(), 2u);
        const std::vector<Buffer> pieces = Fragmenter(talk.up(test::kLogin), n).pieces(48);
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            rig.put(0, pieces[i], {}, static_cast<unsigned>((n + i) % 2));
            settle();
        }
        EXPECT_EQ(rig.take(1).size(), pieces.size()) << "the last one is a reset";
        EXPECT_EQ(rig.take(0).size(), 1u);
        // The dropped piece again, at each queue.
        for (unsigned queue = 0; queue < 2; ++queue) {
            rig.put(0, pieces.back(), {}, queue);
            settle();
            EXPECT_TRUE(rig.take(1).empty()) << n;
            EXPECT_TRUE(rig.take(0).empty()) << n;
        }
    }
    EXPECT_EQ(rig.dropped(Reason::policy_reset), 32u);
    EXPECT_EQ(rig.counters(0).flows_created.get() + rig.counters(1).flows_created.get(), 32u);
    EXPECT_GT(rig.counters(0).datagrams_reassembled.get(), 4u);
    EXPECT_GT(rig.counters(1).datagrams_reassembled.get(), 4u);
}

TEST_P(FragmentsOfTwoWorkers, FullRingsLoseNeitherBuffersNorCount) {
    RigOptions small = options();
    small.handover_ring = 2;  // holds one
    Rig rig(kSinkhole, small);
    for (unsigned n = 0; n < 64; ++n) {
        const Fragmenter fragments(
            question(kEnds[n % 2], "eu.pool.example", static_cast<std::uint16_t>(1024 + n)), n);
        rig.put(0, fragments.piece(0, 24), {}, n % 2);
        rig.put(0, fragments.piece(24, fragments.size() - 24), {}, n % 2);
        if (n % 8 == 7) {
            rig.turn();
        }
    }
    for (unsigned n = 0; n < 70; ++n) {
        rig.turn();
    }
    (void)rig.take(0);
    (void)rig.take(1);
    EXPECT_GT(rig.dropped(Reason::handover_full), 0u);
    EXPECT_GT(rig.dropped(Reason::policy_sinkhole), 0u);
}

TEST_P(FragmentsOfTwoWorkers, WhatWaitsAtTheEndIsFreed) {
    Rig rig(kSinkhole, options());
    for (unsigned n = 0; n < 16; ++n) {
        const Fragmenter fragments(
            question(kEnds[n % 2], "eu.pool.example", static_cast<std::uint16_t>(1024 + n)), n);
        rig.put(0, fragments.piece(0, 24), {}, 0);
        rig.put(0, fragments.piece(24, fragments.size() - 24), {}, 0);
    }
    rig.worker(0).turn(rig.now);
    rig.worker(0).drain_handover();
    rig.worker(1).drain_handover();
    EXPECT_GT(rig.dropped(Reason::shutdown), 0u);
    (void)rig.take(0);
    (void)rig.take(1);
}

INSTANTIATE_TEST_SUITE_P(Nic, FragmentsOfTwoWorkers, testing::Bool(),
                         [](const auto& one) { return one.param ? "Symmetric" : "Plain"; });

}  // namespace
}  // namespace minerwall::path

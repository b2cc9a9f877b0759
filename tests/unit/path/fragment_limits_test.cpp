// Datagrams in pieces when room or time runs out.
#include <gtest/gtest.h>
#include <rte_mempool.h>

#include "fragment_traffic.hpp"

namespace minerwall::path {
namespace {

TEST(Fragments, WithoutBuffersForTheCopyTheDeclaredBehaviourHolds) {
    for (const bool drop : {false, true}) {
        RigOptions options;
        options.worker.fragments.drop_when_full = drop;
        Rig rig(kSinkhole, options);
        std::vector<rte_mbuf*> all(machine::PoolOptions{}.reassembled);
        rte_mempool* pool = test_pools().reassembled();
        while (!all.empty() &&
               rte_pktmbuf_alloc_bulk(pool, all.data(), static_cast<unsigned>(all.size())) != 0) {
            all.pop_back();
        }
        const Fragmenter fragments(question(kEnds[0], "eu.pool.example"));
        EXPECT_TRUE(rig.forwarded(0, fragments.piece(0, 24)));
        const auto out = rig.pass(0, fragments.piece(24, fragments.size() - 24));
        EXPECT_EQ(out.size(), drop ? 0u : 1u);
        EXPECT_EQ(rig.counters().fragment_table_full.get(), 1u);
        EXPECT_EQ(rig.dropped(Reason::fragment_memory_full), drop ? 1u : 0u);
        rte_pktmbuf_free_bulk(all.data(), static_cast<unsigned>(all.size()));
    }
}

TEST(Fragments, AForgottenDatagramIsForwardedUnjudgedOrDroppedAsDeclared) {
    for (const bool drop : {false, true}) {
        RigOptions options;
        options.worker.fragments.limits.datagrams = 8;
        options.worker.fragments.drop_when_full = drop;
        Rig rig(kSinkhole, options);
        const Fragmenter fragments(question(kEnds[0], "eu.pool.example"));
        EXPECT_TRUE(rig.forwarded(0, fragments.piece(0, 24)));
        for (unsigned n = 0; n < 8; ++n) {  // of eight other sources
            EXPECT_TRUE(rig.forwarded(
                0, Fragmenter(Eth()
                                  .ipv4("10.9.0." + std::to_string(n + 1), "192.0.2.9")
                                  .udp(1, 2)
                                  .payload(std::string(64, 'x')))
                       .piece(0, 16)));
        }
        const auto out = rig.pass(0, fragments.piece(24, fragments.size() - 24));
        EXPECT_EQ(out.size(), drop ? 0u : 1u);
        EXPECT_EQ(rig.dropped(Reason::fragment_memory_full), drop ? 1u : 0u);
        // Such a datagram lets no others pass: a new one is judged.
        const Fragmenter other(question(kEnds[0], "eu.pool.example"), 8);
        EXPECT_TRUE(rig.forwarded(0, other.piece(0, 24)));
        EXPECT_TRUE(rig.pass(0, other.piece(24, other.size() - 24)).empty());
        (void)rig.take(0);
    }
}

TEST(Fragments, WhatIsNeverCompletedExpires) {
    Rig rig(kSinkhole);
    const Fragmenter fragments(question(kEnds[0], "eu.pool.example"));
    EXPECT_TRUE(rig.forwarded(0, fragments.piece(0, 24)));
    rig.now += 66 * kNanosPerSecond;
    rig.turn();
    EXPECT_EQ(rig.counters().fragments_expired.get(), 1u);
    EXPECT_EQ(rig.worker().context().fragments.size(), 0u);
    EXPECT_EQ(rig.worker().context().fragments.blocks_in_use(), 0u);
}

}  // namespace
}  // namespace minerwall::path

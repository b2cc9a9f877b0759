// Two workers whose ports do not keep a flow on one queue: each flow still has one owner.
#include <gtest/gtest.h>

#include <map>

#include "rig.hpp"
#include "support/messages.hpp"

namespace minerwall::path {
namespace {

using test::Eth;

RigOptions two_workers() {
    RigOptions options;
    options.workers = 2;
    return options;
}

Buffer numbered(unsigned flow, unsigned n) {
    return Eth()
        .ipv4("10.0.0.1", "192.0.2.9")
        .udp(static_cast<std::uint16_t>(10000 + flow), 443)
        .payload(std::to_string(n));
}

TEST(Handover, AFlowsPacketsStayInOrderWhicheverQueueTheyCameInAt) {
    Rig rig(kResetMining, two_workers());
    // Like a NIC that does not spread by flow: each flow is at one queue, which is not the owner's
    // for half of the flows.
    constexpr unsigned kFlows = 16;
    constexpr unsigned kPackets = 30;
    for (unsigned n = 0; n < kPackets; ++n) {
        for (unsigned flow = 0; flow < kFlows; ++flow) {
            rig.put(Rig::kClientSide, numbered(flow, n), {}, flow % 2);
        }
        rig.turn();
    }
    rig.turn();
    rig.turn();
    std::map<std::uint16_t, unsigned> next;
    const std::vector<Buffer> out = rig.take(Rig::kServerSide);
    ASSERT_EQ(out.size(), kFlows * kPackets);
    for (const Buffer& frame : out) {
        EXPECT_EQ(payload_of(frame), std::to_string(next[parse(frame).src_port]++));
    }
    EXPECT_GT(rig.counters(0).port[0].handed_out.get(), 0u);
    EXPECT_GT(rig.counters(1).port[0].handed_out.get(), 0u);
    EXPECT_EQ(rig.counters(0).flows_created.get() + rig.counters(1).flows_created.get(), kFlows);
}

TEST(Handover, BothDirectionsMeetAtOneWorker) {
    Rig rig(kResetMining, two_workers());
    for (std::uint16_t n = 0; n < 8; ++n) {
        Talk talk("10.0.0.1", "192.0.2.9", static_cast<std::uint16_t>(40000 + n), 8080);
        const auto step = [&](std::uint16_t port, const Buffer& frame, unsigned queue) {
            rig.put(port, frame, {}, queue);
            rig.turn();
            rig.turn();
        };
        step(0, talk.syn(), 0);
        step(1, talk.syn_ack(), 1);
        step(0, talk.up(), 0);
        EXPECT_EQ(rig.take(0).size() + rig.take(1).size(), 3u);
        step(0, talk.up(test::kLogin), n % 2);
        EXPECT_EQ(rig.take(0).size(), 1u) << "a reset for the client";
        EXPECT_EQ(rig.take(1).size(), 1u) << "and one for the server";
    }
    EXPECT_EQ(rig.counters(0).flows_created.get() + rig.counters(1).flows_created.get(), 8u);
    EXPECT_EQ(rig.dropped(Reason::policy_reset), 8u);
}

TEST(Handover, WhatHasNoFlowIsNotHandedOver) {
    Rig rig(kResetMining, two_workers());
    for (const unsigned queue : {0u, 1u}) {
        rig.put(0, Eth().ethertype(packet::kEtherArp).payload("who has"), {}, queue);
    }
    rig.turn();
    EXPECT_EQ(rig.take(1).size(), 2u);
    EXPECT_EQ(rig.counters(0).port[0].sent_packets.get(), 1u);
    EXPECT_EQ(rig.counters(1).port[0].sent_packets.get(), 1u);
}

TEST(Handover, AFullRingIsACountedDrop) {
    RigOptions options = two_workers();
    options.handover_ring = 8;  // holds 7
    Rig rig(kResetMining, options);
    // All frames come to queue 0, and worker 1 sleeps.
    for (unsigned n = 0; n < 64; ++n) {
        rig.put(0, numbered(n, 0), {}, 0);
    }
    for (unsigned i = 0; i < 4; ++i) {
        rig.worker(0).turn(rig.now);
    }
    const std::uint64_t kept = rig.counters(0).port[0].sent_packets.get();
    EXPECT_EQ(rig.counters(0).port[0].handed_out.get(), 7u);
    EXPECT_EQ(rig.dropped(Reason::handover_full), 64 - kept - 7);
    rig.check_ledger();
    rig.turn();
    EXPECT_EQ(rig.take(1).size(), kept + 7);
}

TEST(Handover, WhatWaitsAtTheEndIsACountedDrop) {
    Rig rig(kResetMining, two_workers());
    for (unsigned n = 0; n < 32; ++n) {
        rig.put(0, numbered(n, 0), {}, 0);
    }
    rig.worker(0).turn(rig.now);
    const std::uint64_t waiting = rig.counters(0).port[0].handed_out.get();
    EXPECT_GT(waiting, 0u);
    rig.worker(0).drain_handover();
    rig.worker(1).drain_handover();
    EXPECT_EQ(rig.dropped(Reason::shutdown), waiting);
    EXPECT_EQ(rig.counters(1).port[0].handed_in.get(), waiting);
}

}  // namespace
}  // namespace minerwall::path

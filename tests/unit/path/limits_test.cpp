// Each bound when it is reached: what is counted, what passes and what does not.
#include <gtest/gtest.h>
#include <rte_mbuf.h>

#include "rig.hpp"
#include "support/messages.hpp"

namespace minerwall::path {
namespace {

using test::Eth;

Buffer datagram(unsigned n, const char* server = "192.0.2.9") {
    return Eth()
        .ipv4("10.0.0.1", server)
        .udp(static_cast<std::uint16_t>(10000 + n), 443)
        .payload(std::string("n") + std::to_string(n));
}

RigOptions small_table(bool drop) {
    RigOptions options;
    options.worker.flows.capacity = 64;
    options.worker.flows.drop_when_full = drop;
    return options;
}
const std::string kDropBad = rule("any_ip = \"@bad\"", "drop");

void fill_table(Rig& rig) {
    ASSERT_TRUE(rig.forwarded(Rig::kClientSide, datagram(1)));
    rig.pass(Rig::kServerSide,
             Eth().ipv4("192.0.2.9", "10.0.0.1").udp(443, 10001).payload("answer"));
    for (unsigned n = 0; n < 3; ++n) {
        rig.pass(Rig::kClientSide, datagram(1));
        rig.pass(Rig::kServerSide,
                 Eth().ipv4("192.0.2.9", "10.0.0.1").udp(443, 10001).payload("more"));
    }
    open_connections(rig, 63);
}

TEST(FullTable, NewFlowsAreForwardedAndCounted) {
    Rig rig(kDropBad, small_table(false));
    fill_table(rig);
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, datagram(100)));
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, datagram(101)));
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, datagram(1))) << "of a flow that is known";
    EXPECT_EQ(rig.counters().flow_table_full.get(), 2u);
    EXPECT_EQ(rig.counters().flows_active.get(), 64u);
}

TEST(FullTable, NewFlowsAreDroppedWhereThePolicyForItSaysSo) {
    Rig rig(kDropBad, small_table(true));
    fill_table(rig);
    EXPECT_TRUE(rig.pass(Rig::kClientSide, datagram(100)).empty());
    EXPECT_EQ(rig.dropped(Reason::flow_table_full), 1u);
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, datagram(1)));
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, Eth().ethertype(packet::kEtherArp).payload("x")));
}

TEST(FullTable, KnownBadAddressesAreDroppedWithoutAFlow) {
    Rig rig(kDropBad, small_table(false));
    fill_table(rig);
    EXPECT_TRUE(rig.pass(Rig::kClientSide, datagram(100, "203.0.113.7")).empty());
    EXPECT_TRUE(rig.pass(Rig::kServerSide,
                         Eth().ipv4("203.0.113.7", "10.0.0.1").udp(443, 10100).payload("x"))
                    .empty());
    EXPECT_EQ(rig.dropped(Reason::policy_drop, 0), 1u);
    EXPECT_EQ(rig.dropped(Reason::policy_drop, 1), 1u);
}

TEST(FullTable, AnEndMakesRoom) {
    Rig rig(kDropBad, small_table(true));
    fill_table(rig);
    EXPECT_TRUE(rig.pass(Rig::kClientSide, datagram(100)).empty());
    rig.now += 121 * kNanosPerSecond;
    rig.turn();
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, datagram(100)));
}

TEST(WithoutAFlow, LaterFragmentsOfABadAddressAreDropped) {
    Rig rig(kDropBad);
    EXPECT_TRUE(
        rig.pass(Rig::kClientSide,
                 Eth().ipv4("10.0.0.1", "203.0.113.7").fragment(1480, false).udp(1, 2).payload("x"))
            .empty());
    EXPECT_EQ(rig.dropped(Reason::policy_drop), 1u);
    EXPECT_EQ(rig.counters().untracked_packets.get(), 1u);
}

TEST(EventRing, WhenItIsFullEventsAreLostAndCountedAndPacketsPass) {
    RigOptions options;
    options.event_slots = 4;
    Rig rig(rule("server_port = 443", "observe"), options);
    for (unsigned n = 0; n < 20; ++n) {
        EXPECT_TRUE(rig.forwarded(Rig::kClientSide, datagram(n)));
    }
    EXPECT_EQ(rig.counters().events_written.get(), 4u);
    EXPECT_EQ(rig.counters().events_lost.get(), 16u);
    EXPECT_EQ(rig.events().size(), 4u);
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, datagram(50)));
    EXPECT_EQ(rig.events().size(), 1u) << "the reader is back";
}

TEST(CraftPool, WithoutABufferThePacketIsDroppedAllTheSame) {
    Rig rig(kResetMining);
    Talk talk;
    talk.open(rig);
    std::vector<rte_mbuf*> held;
    while (rte_mbuf* m = rte_pktmbuf_alloc(test_pools().crafted())) {
        held.push_back(m);
    }
    EXPECT_TRUE(rig.pass(Rig::kClientSide, talk.up(test::kLogin)).empty());
    EXPECT_TRUE(rig.take(Rig::kClientSide).empty());
    EXPECT_EQ(rig.counters().craft_failed.get(), 2u);
    EXPECT_EQ(rig.counters().resets_crafted.get(), 0u);
    EXPECT_EQ(rig.dropped(Reason::policy_reset), 1u);
    for (rte_mbuf* m : held) {
        rte_pktmbuf_free(m);
    }
    rig.pass(Rig::kClientSide, talk.up("{}\n"));
    EXPECT_EQ(rig.counters().resets_crafted.get(), 1u) << "with the next packet";
    rig.take(Rig::kClientSide);
}

TEST(CraftPool, WithoutABufferADnsQuestionIsDroppedAllTheSame) {
    Rig rig(rule("dns_name = \"@pools\"", "sinkhole"));
    std::vector<rte_mbuf*> held;
    while (rte_mbuf* m = rte_pktmbuf_alloc(test_pools().crafted())) {
        held.push_back(m);
    }
    EXPECT_TRUE(rig.pass(Rig::kClientSide, Eth()
                                               .ipv4("10.0.0.1", "192.0.2.53")
                                               .udp(40000, 53)
                                               .payload(test::dns_message("pool.example")))
                    .empty());
    EXPECT_EQ(rig.counters().craft_failed.get(), 1u);
    EXPECT_EQ(rig.dropped(Reason::policy_sinkhole), 1u);
    for (rte_mbuf* m : held) {
        rte_pktmbuf_free(m);
    }
}

TEST(FullQueue, WhatTheEgressDoesNotTakeIsCountedExactly) {
    RigOptions options;
    options.tx_ring = 8;  // holds 7
    Rig rig(kDropBad, options);
    std::vector<Buffer> in;
    for (unsigned n = 0; n < 20; ++n) {
        in.push_back(datagram(n));
        rig.put(Rig::kClientSide, in.back());
    }
    rig.turn();
    EXPECT_EQ(rig.dropped(Reason::tx_full), 13u);
    EXPECT_EQ(rig.counters().port[1].transmit_retries.get(), options.worker.io.tx_retries);
    EXPECT_EQ(rig.counters().port[1].transmitted_packets.get(), 7u);
    EXPECT_EQ(rig.counters().port[0].sent_packets.get(), 7u);
    rig.turn();
    EXPECT_EQ(rig.dropped(Reason::tx_full), 13u) << "nothing waits";
    const std::vector<Buffer> out = rig.take(Rig::kServerSide);
    EXPECT_EQ(out, std::vector<Buffer>(in.begin(), in.begin() + 7)) << "the first ones, in order";
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, datagram(21)));
}

TEST(FullQueue, OneDirectionThatIsStuckDoesNotStopTheOther) {
    RigOptions options;
    options.tx_ring = 8;
    Rig rig(kDropBad, options);
    for (unsigned n = 0; n < 10; ++n) {
        rig.put(Rig::kClientSide, datagram(n));
        rig.put(Rig::kServerSide, datagram(n));
        rig.turn();
        EXPECT_EQ(rig.take(Rig::kClientSide).size(), 1u);
    }
    EXPECT_EQ(rig.dropped(Reason::tx_full, 0), 3u);
    EXPECT_EQ(rig.dropped(Reason::tx_full, 1), 0u);
}

TEST(FullQueue, AResetThatFindsNoRoomIsAccountedFor) {
    RigOptions options;
    options.tx_ring = 8;
    Rig rig(rule("server_port = \"@ports\"", "reset"), options);
    for (unsigned n = 0; n < 10; ++n) {
        Talk talk("10.0.0.1", "192.0.2.9", static_cast<std::uint16_t>(20000 + n), 3333);
        rig.put(Rig::kClientSide, talk.syn());
    }
    rig.turn();
    EXPECT_EQ(rig.counters().port[0].crafted_packets.get(), 10u);
    EXPECT_EQ(rig.dropped(Reason::policy_reset), 10u);
    EXPECT_EQ(rig.dropped(Reason::tx_full), 3u);
    EXPECT_EQ(rig.take(Rig::kClientSide).size(), 7u);
}

TEST(StreamStates, WithoutOneEachSegmentIsJudgedByItself) {
    RigOptions options;
    options.worker.inspection.states = 1;
    Rig rig(kResetMining, options);
    Talk holder("10.0.0.1", "192.0.2.9", 40000, 80);
    holder.open(rig);
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, holder.up("GET / HT")));
    Talk second("10.0.0.1", "192.0.2.9", 40001, 80);
    second.open(rig);
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, second.up("{\"id\":1,")));
    EXPECT_FALSE(rig.forwarded(Rig::kClientSide, second.up(test::kLogin)));
    EXPECT_EQ(rig.counters().inspection_exhausted.get(), 1u);
    EXPECT_EQ(rig.counters().packets_judged_alone.get(), 2u);
}

// Segments of connections without a handshake: their sender leaves half of the states for others.
TEST(StreamStates, WhatNobodyAnswersTakesHalfOfThem) {
    RigOptions options;
    options.worker.inspection.states = 8;
    Rig rig(kResetMining, options);
    for (std::uint16_t port = 1000; port < 1064; ++port) {
        rig.pass(Rig::kServerSide, test::Eth()
                                       .ipv4("203.0.113.66", "10.0.0.1")
                                       .tcp(port, 9)
                                       .seq(port)
                                       .flags(packet::kTcpAck)
                                       .payload("x")
                                       .build());
    }
    EXPECT_EQ(rig.counters().inspections_active.get(), 4u);
    Talk miner("10.0.0.1", "192.0.2.9", 40001, 80);
    miner.open(rig);
    EXPECT_FALSE(rig.forwarded(Rig::kClientSide, miner.up(test::kLogin)));
}

TEST(Records, WithoutANameRecordTheNameIsJudgedAndNotKept) {
    RigOptions options;
    options.worker.flows.names = 1;
    Rig rig(rule("server_name = \"@pools\"", "drop"), options);
    Talk first("10.0.0.1", "192.0.2.9", 40000, 443);
    first.open(rig);
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, first.up(test::client_hello("news.example"))));
    Talk second("10.0.0.1", "192.0.2.9", 40001, 443);
    second.open(rig);
    EXPECT_TRUE(rig.pass(Rig::kClientSide, second.up(test::client_hello("pool.example"))).empty());
}

TEST(Records, WithoutAFindingRecordMiningIsBlockedAndReported) {
    RigOptions options;
    options.worker.flows.findings = 1;
    Rig rig(rule("app = \"mining\"", "drop"), options);
    for (std::uint16_t n = 0; n < 3; ++n) {
        Talk talk("10.0.0.1", "192.0.2.9", static_cast<std::uint16_t>(40000 + n), 8080);
        talk.open(rig);
        EXPECT_TRUE(rig.pass(Rig::kClientSide, talk.up(test::kLogin)).empty());
    }
    const auto events = rig.events_of(event::Kind::detection);
    ASSERT_EQ(events.size(), 3u);
    for (const event::Record& record : events) {
        EXPECT_EQ(record.mining.login, "wallet");
    }
}

}  // namespace
}  // namespace minerwall::path

// Each bound when it is reached: what is counted, what passes and what does not.
#include <gtest/gtest.h>
#include <rte_mbuf.h>

#include "bench.hpp"
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

BenchOptions small_table(bool drop) {
    BenchOptions options;
    options.worker.flows.capacity = 64;
    options.worker.flows.drop_when_full = drop;
    return options;
}
const std::string kDropBad = rule("any_ip = \"@bad\"", "drop");

void fill_table(Bench& bench) {
    for (unsigned n = 0; n < 64; ++n) {
        ASSERT_TRUE(bench.forwarded(Bench::kClientSide, datagram(n)));
    }
    ASSERT_EQ(bench.counters().flow_table_full.get(), 0u);
}

TEST(FullTable, NewFlowsAreForwardedAndCounted) {
    Bench bench(kDropBad, small_table(false));
    fill_table(bench);
    EXPECT_TRUE(bench.forwarded(Bench::kClientSide, datagram(100)));
    EXPECT_TRUE(bench.forwarded(Bench::kClientSide, datagram(101)));
    EXPECT_TRUE(bench.forwarded(Bench::kClientSide, datagram(1))) << "of a flow that is known";
    EXPECT_EQ(bench.counters().flow_table_full.get(), 2u);
    EXPECT_EQ(bench.counters().flows_active.get(), 64u);
}

TEST(FullTable, NewFlowsAreDroppedWhereThePolicyForItSaysSo) {
    Bench bench(kDropBad, small_table(true));
    fill_table(bench);
    EXPECT_TRUE(bench.pass(Bench::kClientSide, datagram(100)).empty());
    EXPECT_EQ(bench.dropped(Reason::flow_table_full), 1u);
    EXPECT_TRUE(bench.forwarded(Bench::kClientSide, datagram(1)));
    EXPECT_TRUE(
        bench.forwarded(Bench::kClientSide, Eth().ethertype(packet::kEtherArp).payload("x")));
}

TEST(FullTable, KnownBadAddressesAreDroppedWithoutAFlow) {
    Bench bench(kDropBad, small_table(false));
    fill_table(bench);
    EXPECT_TRUE(bench.pass(Bench::kClientSide, datagram(100, "203.0.113.7")).empty());
    EXPECT_TRUE(bench
                    .pass(Bench::kServerSide,
                          Eth().ipv4("203.0.113.7", "10.0.0.1").udp(443, 10100).payload("x"))
                    .empty());
    EXPECT_EQ(bench.dropped(Reason::policy_drop, 0), 1u);
    EXPECT_EQ(bench.dropped(Reason::policy_drop, 1), 1u);
}

TEST(FullTable, AnEndMakesRoom) {
    Bench bench(kDropBad, small_table(true));
    fill_table(bench);
    bench.now += 31 * kNanosPerSecond;
    bench.turn();
    EXPECT_TRUE(bench.forwarded(Bench::kClientSide, datagram(100)));
}

TEST(WithoutAFlow, LaterFragmentsOfABadAddressAreDropped) {
    Bench bench(kDropBad);
    EXPECT_TRUE(
        bench
            .pass(
                Bench::kClientSide,
                Eth().ipv4("10.0.0.1", "203.0.113.7").fragment(1480, false).udp(1, 2).payload("x"))
            .empty());
    EXPECT_EQ(bench.dropped(Reason::policy_drop), 1u);
    EXPECT_EQ(bench.counters().untracked_packets.get(), 1u);
}

TEST(EventRing, WhenItIsFullEventsAreLostAndCountedAndPacketsPass) {
    BenchOptions options;
    options.event_slots = 4;
    Bench bench(rule("server_port = 443", "observe"), options);
    for (unsigned n = 0; n < 20; ++n) {
        EXPECT_TRUE(bench.forwarded(Bench::kClientSide, datagram(n)));
    }
    EXPECT_EQ(bench.counters().events_written.get(), 4u);
    EXPECT_EQ(bench.counters().events_lost.get(), 16u);
    EXPECT_EQ(bench.events().size(), 4u);
    EXPECT_TRUE(bench.forwarded(Bench::kClientSide, datagram(50)));
    EXPECT_EQ(bench.events().size(), 1u) << "the reader is back";
}

TEST(CraftPool, WithoutABufferThePacketIsDroppedAllTheSame) {
    Bench bench(kResetMining);
    Talk talk;
    talk.open(bench);
    std::vector<rte_mbuf*> held;
    while (rte_mbuf* m = rte_pktmbuf_alloc(test_pools().crafted())) {
        held.push_back(m);
    }
    EXPECT_TRUE(bench.pass(Bench::kClientSide, talk.up(test::kLogin)).empty());
    EXPECT_TRUE(bench.take(Bench::kClientSide).empty());
    EXPECT_EQ(bench.counters().craft_failed.get(), 2u);
    EXPECT_EQ(bench.counters().resets_crafted.get(), 0u);
    EXPECT_EQ(bench.dropped(Reason::policy_reset), 1u);
    for (rte_mbuf* m : held) {
        rte_pktmbuf_free(m);
    }
    bench.pass(Bench::kClientSide, talk.up("{}\n"));
    EXPECT_EQ(bench.counters().resets_crafted.get(), 1u) << "with the next packet";
    bench.take(Bench::kClientSide);
}

TEST(CraftPool, WithoutABufferADnsQuestionIsDroppedAllTheSame) {
    Bench bench(rule("dns_name = \"@pools\"", "sinkhole"));
    std::vector<rte_mbuf*> held;
    while (rte_mbuf* m = rte_pktmbuf_alloc(test_pools().crafted())) {
        held.push_back(m);
    }
    EXPECT_TRUE(bench
                    .pass(Bench::kClientSide, Eth()
                                                  .ipv4("10.0.0.1", "192.0.2.53")
                                                  .udp(40000, 53)
                                                  .payload(test::dns_message("pool.example")))
                    .empty());
    EXPECT_EQ(bench.counters().craft_failed.get(), 1u);
    EXPECT_EQ(bench.dropped(Reason::policy_sinkhole), 1u);
    for (rte_mbuf* m : held) {
        rte_pktmbuf_free(m);
    }
}

TEST(FullQueue, WhatTheEgressDoesNotTakeIsCountedExactly) {
    BenchOptions options;
    options.tx_ring = 8;  // holds 7
    Bench bench(kDropBad, options);
    std::vector<Buffer> in;
    for (unsigned n = 0; n < 20; ++n) {
        in.push_back(datagram(n));
        bench.put(Bench::kClientSide, in.back());
    }
    bench.turn();
    EXPECT_EQ(bench.dropped(Reason::tx_full), 13u);
    EXPECT_EQ(bench.counters().port[1].transmit_retries.get(), options.worker.io.tx_retries);
    EXPECT_EQ(bench.counters().port[1].transmitted_packets.get(), 7u);
    EXPECT_EQ(bench.counters().port[0].sent_packets.get(), 7u);
    bench.turn();
    EXPECT_EQ(bench.dropped(Reason::tx_full), 13u) << "nothing waits";
    const std::vector<Buffer> out = bench.take(Bench::kServerSide);
    EXPECT_EQ(out, std::vector<Buffer>(in.begin(), in.begin() + 7)) << "the first ones, in order";
    EXPECT_TRUE(bench.forwarded(Bench::kClientSide, datagram(21)));
}

TEST(FullQueue, OneDirectionThatIsStuckDoesNotStopTheOther) {
    BenchOptions options;
    options.tx_ring = 8;
    Bench bench(kDropBad, options);
    for (unsigned n = 0; n < 10; ++n) {
        bench.put(Bench::kClientSide, datagram(n));
        bench.put(Bench::kServerSide, datagram(n));
        bench.turn();
        EXPECT_EQ(bench.take(Bench::kClientSide).size(), 1u);
    }
    EXPECT_EQ(bench.dropped(Reason::tx_full, 0), 3u);
    EXPECT_EQ(bench.dropped(Reason::tx_full, 1), 0u);
}

TEST(FullQueue, AResetThatFindsNoRoomIsAccountedFor) {
    BenchOptions options;
    options.tx_ring = 8;
    Bench bench(rule("server_port = \"@ports\"", "reset"), options);
    for (unsigned n = 0; n < 10; ++n) {
        Talk talk("10.0.0.1", "192.0.2.9", static_cast<std::uint16_t>(20000 + n), 3333);
        bench.put(Bench::kClientSide, talk.syn());
    }
    bench.turn();
    EXPECT_EQ(bench.counters().port[0].crafted_packets.get(), 10u);
    EXPECT_EQ(bench.dropped(Reason::policy_reset), 10u);
    EXPECT_EQ(bench.dropped(Reason::tx_full), 3u);
    EXPECT_EQ(bench.take(Bench::kClientSide).size(), 7u);
}

TEST(StreamStates, WithoutOneAFlowIsForwardedAndCounted) {
    BenchOptions options;
    options.worker.inspection.states = 1;
    Bench bench(kResetMining, options);
    Talk holder("10.0.0.1", "192.0.2.9", 40000, 80);
    holder.open(bench);
    EXPECT_TRUE(bench.forwarded(Bench::kClientSide, holder.up("GET / HT")));
    Talk second("10.0.0.1", "192.0.2.9", 40001, 80);
    second.open(bench);
    EXPECT_TRUE(bench.forwarded(Bench::kClientSide, second.up(test::kLogin)));
    EXPECT_EQ(bench.counters().inspection_exhausted.get(), 1u);
}

// Segments of connections without a handshake: their sender leaves half of the states for others.
TEST(StreamStates, WhatNobodyAnswersTakesHalfOfThem) {
    BenchOptions options;
    options.worker.inspection.states = 8;
    Bench bench(kResetMining, options);
    for (std::uint16_t port = 1000; port < 1064; ++port) {
        bench.pass(Bench::kServerSide, test::Eth()
                                           .ipv4("203.0.113.66", "10.0.0.1")
                                           .tcp(port, 9)
                                           .seq(port)
                                           .flags(packet::kTcpAck)
                                           .payload("x")
                                           .build());
    }
    EXPECT_EQ(bench.counters().inspections_active.get(), 4u);
    Talk miner("10.0.0.1", "192.0.2.9", 40001, 80);
    miner.open(bench);
    EXPECT_FALSE(bench.forwarded(Bench::kClientSide, miner.up(test::kLogin)));
}

TEST(Records, WithoutANameRecordTheNameIsJudgedAndNotKept) {
    BenchOptions options;
    options.worker.flows.names = 1;
    Bench bench(rule("server_name = \"@pools\"", "drop"), options);
    Talk first("10.0.0.1", "192.0.2.9", 40000, 443);
    first.open(bench);
    EXPECT_TRUE(bench.forwarded(Bench::kClientSide, first.up(test::client_hello("news.example"))));
    Talk second("10.0.0.1", "192.0.2.9", 40001, 443);
    second.open(bench);
    EXPECT_TRUE(
        bench.pass(Bench::kClientSide, second.up(test::client_hello("pool.example"))).empty());
}

TEST(Records, WithoutAFindingRecordMiningIsBlockedAndReported) {
    BenchOptions options;
    options.worker.flows.findings = 1;
    Bench bench(rule("app = \"mining\"", "drop"), options);
    for (std::uint16_t n = 0; n < 3; ++n) {
        Talk talk("10.0.0.1", "192.0.2.9", static_cast<std::uint16_t>(40000 + n), 8080);
        talk.open(bench);
        EXPECT_TRUE(bench.pass(Bench::kClientSide, talk.up(test::kLogin)).empty());
    }
    const auto events = bench.events_of(event::Kind::detection);
    ASSERT_EQ(events.size(), 3u);
    for (const event::Record& record : events) {
        EXPECT_EQ(record.mining.login, "wallet");
    }
}

}  // namespace
}  // namespace minerwall::path

// Flows from their first packet to the event of their end.
#include <gtest/gtest.h>

#include "bench.hpp"
#include "support/messages.hpp"

namespace minerwall::path {
namespace {

using packet::kTcpAck;
using packet::kTcpFin;
using packet::kTcpRst;

void idle(Bench& bench, unsigned seconds) {
    bench.now += seconds * kNanosPerSecond;
    bench.turn();
}

TEST(Lifetime, ATimeoutWritesTheFlowsEvent) {
    Bench bench(kResetMining);
    Talk talk;
    talk.open(bench);
    const Nanos start = bench.now;
    bench.now += kNanosPerSecond;
    EXPECT_TRUE(bench.forwarded(Bench::kServerSide, talk.down("hello")));
    idle(bench, 1799);
    EXPECT_TRUE(bench.events().empty());
    idle(bench, 2);
    const auto events = bench.events();
    ASSERT_EQ(events.size(), 1u);
    const event::Record& record = events[0];
    EXPECT_EQ(record.kind, event::Kind::flow_end);
    EXPECT_EQ(record.flow.reason, event::EndReason::timeout);
    EXPECT_EQ(record.flow.state, event::FlowState::established);
    EXPECT_EQ(to_text(record.client), "10.0.0.1");
    EXPECT_EQ(record.client_port, 40000);
    EXPECT_EQ(to_text(record.server), "192.0.2.9");
    EXPECT_EQ(record.server_port, 8080);
    EXPECT_EQ(record.flow.packets_to_server, 2u);
    EXPECT_EQ(record.flow.packets_to_client, 2u);
    EXPECT_EQ(record.flow.bytes_to_server, 2u * 54);
    EXPECT_EQ(record.flow.bytes_to_client, 54u + 54 + 5);
    EXPECT_EQ(record.flow.start, start);
    EXPECT_EQ(record.flow.end, start + kNanosPerSecond);
    EXPECT_FALSE(record.flow.alerted);
    EXPECT_EQ(bench.counters().flows_active.get(), 0u);
    EXPECT_EQ(bench.counters().flows_ended.get(), 1u);
}

TEST(Lifetime, AClosedConnectionEndsSoonAndSaysHow) {
    Bench bench(kResetMining);
    Talk talk;
    talk.open(bench);
    bench.pass(0, talk.up("", kTcpFin | kTcpAck));
    bench.pass(1, talk.down("", kTcpFin | kTcpAck));
    idle(bench, 11);
    auto events = bench.events();
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].flow.reason, event::EndReason::closed);

    talk.open(bench);
    bench.pass(1, talk.down("", kTcpRst));
    idle(bench, 11);
    events = bench.events();
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].flow.reason, event::EndReason::reset);
}

TEST(Lifetime, AMinersEndTellsWhatWasFound) {
    Bench bench(rule("app = \"mining\"", "drop"));
    Talk talk;
    talk.open(bench);
    bench.pass(0, talk.up(test::kLogin));
    bench.events();
    bench.end_flows();
    const auto events = bench.events();
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].flow.reason, event::EndReason::shutdown);
    EXPECT_EQ(events[0].flow.dropped_packets, 1u);
    EXPECT_TRUE(events[0].flow.alerted);
    ASSERT_TRUE(events[0].has(event::Record::kHasMining));
    EXPECT_EQ(events[0].mining.login, "wallet");
    ASSERT_TRUE(events[0].has(event::Record::kHasMatch));
    EXPECT_EQ(events[0].match.rule, "drop-rule");
}

TEST(Lifetime, FlowEventsCanBeSwitchedOff) {
    BenchOptions options;
    options.worker.events.flows = false;
    Bench bench(kResetMining, options);
    Talk talk;
    talk.open(bench);
    bench.end_flows();
    EXPECT_TRUE(bench.events().empty());
    EXPECT_EQ(bench.counters().flows_ended.get(), 1u);
}

TEST(Lifetime, ExpiryOfManyIsSpreadOverTurns) {
    BenchOptions options;
    options.worker.flows.capacity = 512;
    options.event_slots = 512;
    Bench bench(kResetMining, options);
    for (std::uint16_t n = 0; n < 300; ++n) {
        bench.pass(0, test::Eth()
                          .ipv4("10.0.0.1", "192.0.2.9")
                          .udp(static_cast<std::uint16_t>(n + 1), 443)
                          .payload("x"));
    }
    bench.now += 40 * kNanosPerSecond;
    std::uint64_t before = bench.counters().flows_ended.get();
    for (unsigned turns = 0; bench.counters().flows_ended.get() < 300; ++turns) {
        ASSERT_LT(turns, 20u);
        bench.turn();
        EXPECT_LE(bench.counters().flows_ended.get() - before, 64u);
        before = bench.counters().flows_ended.get();
    }
    EXPECT_EQ(bench.events().size(), 300u);
}

TEST(Lifetime, ANewConnectionOnClosedPortsIsInspected) {
    Bench bench(kResetMining);
    Talk talk;
    talk.open(bench);
    bench.pass(0, talk.up(test::client_hello("news.example")));  // settled
    bench.pass(1, talk.down("", kTcpRst));
    talk.client_seq -= 500'000;
    talk.open(bench);
    bench.pass(0, talk.up(test::kLogin));
    EXPECT_EQ(bench.dropped(Reason::policy_reset), 1u);
    bench.take(0);
}

// A late packet of the old connection and the new one's SYN in one burst: the old bytes must not
// count as the new connection's.
TEST(Lifetime, APacketOfTheOldConnectionInTheSameBurstDoesNotDisturbTheNew) {
    Bench bench(kResetMining);
    Talk talk;
    talk.open(bench);
    bench.pass(1, talk.down("", kTcpRst));
    talk.client_seq += 5000;
    bench.put(0, talk.up("late"));
    talk.client_seq = 1000;
    bench.put(0, talk.syn());
    bench.turn();
    bench.turn();
    EXPECT_EQ(bench.take(1).size(), 2u);
    EXPECT_TRUE(bench.forwarded(1, talk.syn_ack()));
    EXPECT_EQ(bench.counters().flows_created.get(), 2u);
    bench.pass(0, talk.up(test::kLogin));
    EXPECT_EQ(bench.dropped(Reason::policy_reset), 1u);
    bench.take(0);
}

// Both ends forgot the old connection without a packet (a crash, a rebooted NAT).
TEST(Lifetime, ANewConnectionOnPortsThatWereNeverClosedIsInspected) {
    for (const std::uint32_t jump : {50'000'000u, 0u - 50'000'000u}) {
        Bench bench(kResetMining);
        Talk talk;
        talk.open(bench);
        bench.pass(0, talk.up(test::client_hello("news.example")));
        bench.now += 300 * kNanosPerSecond;
        talk.client_seq += jump;
        talk.server_seq += jump;
        talk.open(bench);
        bench.pass(0, talk.up(test::kLogin));
        EXPECT_EQ(bench.dropped(Reason::policy_reset), 1u) << "jump " << jump;
        bench.take(0);
    }
}

TEST(Lifetime, TwoVlansAreTwoFlows) {
    Bench bench(kResetMining);
    for (const std::uint16_t vlan : {std::uint16_t{5}, std::uint16_t{6}}) {
        EXPECT_TRUE(bench.forwarded(
            0, test::Eth().vlan(vlan).ipv4("10.0.0.1", "192.0.2.9").udp(1, 2).payload("x")));
    }
    EXPECT_EQ(bench.counters().flows_created.get(), 2u);
}

}  // namespace
}  // namespace minerwall::path

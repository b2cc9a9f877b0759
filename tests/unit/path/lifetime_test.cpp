// Flows from their first packet to the event of their end.
#include <gtest/gtest.h>

#include "rig.hpp"
#include "support/messages.hpp"

namespace minerwall::path {
namespace {

using packet::kTcpAck;
using packet::kTcpFin;
using packet::kTcpRst;

void idle(Rig& rig, unsigned seconds) {
    rig.now += seconds * kNanosPerSecond;
    rig.turn();
}

TEST(Lifetime, ATimeoutWritesTheFlowsEvent) {
    Rig rig(kResetMining);
    Talk talk;
    talk.open(rig);
    const Nanos start = rig.now;
    rig.now += kNanosPerSecond;
    EXPECT_TRUE(rig.forwarded(Rig::kServerSide, talk.down("hello")));
    idle(rig, 1799);
    EXPECT_TRUE(rig.events().empty());
    idle(rig, 2);
    const auto events = rig.events();
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
    EXPECT_EQ(rig.counters().flows_active.get(), 0u);
    EXPECT_EQ(rig.counters().flows_ended.get(), 1u);
}

TEST(Lifetime, AClosedConnectionEndsSoonAndSaysHow) {
    Rig rig(kResetMining);
    Talk talk;
    talk.open(rig);
    rig.pass(0, talk.up("", kTcpFin | kTcpAck));
    rig.pass(1, talk.down("", kTcpFin | kTcpAck));
    idle(rig, 11);
    auto events = rig.events();
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].flow.reason, event::EndReason::closed);

    talk.open(rig);
    rig.pass(1, talk.down("", kTcpRst));
    idle(rig, 11);
    events = rig.events();
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].flow.reason, event::EndReason::reset);
}

TEST(Lifetime, AMinersEndTellsWhatWasFound) {
    Rig rig(rule("app = \"mining\"", "drop"));
    Talk talk;
    talk.open(rig);
    rig.pass(0, talk.up(test::kLogin));
    rig.events();
    rig.end_flows();
    const auto events = rig.events();
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
    RigOptions options;
    options.worker.events.flows = false;
    Rig rig(kResetMining, options);
    Talk talk;
    talk.open(rig);
    rig.end_flows();
    EXPECT_TRUE(rig.events().empty());
    EXPECT_EQ(rig.counters().flows_ended.get(), 1u);
}

TEST(Lifetime, ExpiryOfManyIsSpreadOverTurns) {
    RigOptions options;
    options.worker.flows.capacity = 512;
    options.event_slots = 512;
    options.worker.limited = false;
    Rig rig(kResetMining, options);
    for (std::uint16_t n = 0; n < 300; ++n) {
        rig.pass(0, test::Eth()
                        .ipv4("10.0.0.1", "192.0.2.9")
                        .udp(static_cast<std::uint16_t>(n + 1), 443)
                        .payload("x"));
    }
    rig.now += 40 * kNanosPerSecond;
    std::uint64_t before = rig.counters().flows_ended.get();
    for (unsigned turns = 0; rig.counters().flows_ended.get() < 300; ++turns) {
        ASSERT_LT(turns, 20u);
        rig.turn();
        EXPECT_LE(rig.counters().flows_ended.get() - before, 64u);
        before = rig.counters().flows_ended.get();
    }
    EXPECT_EQ(rig.events().size(), 300u);
}

TEST(Lifetime, ANewConnectionOnClosedPortsIsInspected) {
    Rig rig(kResetMining);
    Talk talk;
    talk.open(rig);
    rig.pass(0, talk.up(test::client_hello("news.example")));  // settled
    rig.pass(1, talk.down("", kTcpRst));
    talk.client_seq -= 500'000;
    talk.open(rig);
    rig.pass(0, talk.up(test::kLogin));
    EXPECT_EQ(rig.dropped(Reason::policy_reset), 1u);
    rig.take(0);
}

// A late packet of the old connection and the new one's SYN in one burst: the old bytes must not
// count as the new connection's.
TEST(Lifetime, APacketOfTheOldConnectionInTheSameBurstDoesNotDisturbTheNew) {
    Rig rig(kResetMining);
    Talk talk;
    talk.open(rig);
    rig.pass(1, talk.down("", kTcpRst));
    talk.client_seq += 5000;
    rig.put(0, talk.up("late"));
    talk.client_seq = 1000;
    rig.put(0, talk.syn());
    rig.turn();
    rig.turn();
    EXPECT_EQ(rig.take(1).size(), 2u);
    EXPECT_TRUE(rig.forwarded(1, talk.syn_ack()));
    EXPECT_EQ(rig.counters().flows_created.get(), 2u);
    rig.pass(0, talk.up(test::kLogin));
    EXPECT_EQ(rig.dropped(Reason::policy_reset), 1u);
    rig.take(0);
}

// Both ends forgot the old connection without a packet (a crash, a rebooted NAT).
TEST(Lifetime, ANewConnectionOnPortsThatWereNeverClosedIsInspected) {
    for (const std::uint32_t jump : {50'000'000u, 0u - 50'000'000u}) {
        Rig rig(kResetMining);
        Talk talk;
        talk.open(rig);
        rig.pass(0, talk.up(test::client_hello("news.example")));
        rig.now += 300 * kNanosPerSecond;
        talk.client_seq += jump;
        talk.server_seq += jump;
        talk.open(rig);
        rig.pass(0, talk.up(test::kLogin));
        EXPECT_EQ(rig.dropped(Reason::policy_reset), 1u) << "jump " << jump;
        rig.take(0);
    }
}

TEST(Lifetime, TwoVlansAreTwoFlows) {
    Rig rig(kResetMining);
    for (const std::uint16_t vlan : {std::uint16_t{5}, std::uint16_t{6}}) {
        EXPECT_TRUE(rig.forwarded(
            0, test::Eth().vlan(vlan).ipv4("10.0.0.1", "192.0.2.9").udp(1, 2).payload("x")));
    }
    EXPECT_EQ(rig.counters().flows_created.get(), 2u);
}

}  // namespace
}  // namespace minerwall::path

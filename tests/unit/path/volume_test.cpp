// What minerwall itself says while somebody floods: resets, alerts, ends of flows.
#include <gtest/gtest.h>

#include "rig.hpp"
#include "support/messages.hpp"

namespace minerwall::path {
namespace {

using test::Eth;

RigOptions roomy() {
    RigOptions options;
    options.worker.flows.capacity = 4096;
    options.event_slots = 4096;
    return options;
}
const std::string kResetPorts = rule("server_port = \"@ports\"", "reset");

Buffer syn(unsigned n, const std::string& client) {
    return Talk(client, "192.0.2.9", static_cast<std::uint16_t>(1024 + n), 3333).syn();
}
std::string host(unsigned n) {
    return "10.1." + std::to_string(n / 250) + '.' + std::to_string(1 + n % 250);
}

TEST(Resets, OfOneSourceAreLimitedAndOthersGetTheirs) {
    Rig rig(kResetPorts, roomy());
    for (unsigned n = 0; n < 500; ++n) {
        EXPECT_TRUE(rig.pass(Rig::kClientSide, syn(n, "10.0.0.66")).empty());
    }
    EXPECT_EQ(rig.take(Rig::kClientSide).size(), 64u);
    EXPECT_EQ(rig.counters().resets_suppressed.get(), 500u - 64);
    EXPECT_EQ(rig.dropped(Reason::policy_reset), 500u) << "the packets are dropped all the same";
    rig.pass(Rig::kClientSide, syn(0, "10.0.0.7"));
    EXPECT_EQ(rig.take(Rig::kClientSide).size(), 1u);
    rig.now += kNanosPerSecond;
    for (unsigned n = 500; n < 600; ++n) {
        rig.pass(Rig::kClientSide, syn(n, "10.0.0.66"));
    }
    EXPECT_EQ(rig.take(Rig::kClientSide).size(), 32u) << "so many a second";
}

TEST(Resets, OfAllSourcesTogetherAreLimited) {
    Rig rig(kResetPorts, roomy());
    std::size_t resets = 0;
    for (unsigned n = 0; n < 3000; ++n) {
        rig.pass(Rig::kClientSide, syn(n, host(n)));
        resets += rig.take(Rig::kClientSide).size();
    }
    EXPECT_EQ(resets, 1024u);
}

TEST(Resets, GoOnlyToEndsThatTookPart) {
    Rig rig(kResetMining, roomy());
    Talk joined("10.0.0.5", "192.0.2.9", 40000, 8080);
    EXPECT_FALSE(rig.forwarded(Rig::kClientSide, joined.up(test::kLogin)));
    EXPECT_EQ(rig.take(Rig::kClientSide).size(), 1u);
    EXPECT_TRUE(rig.take(Rig::kServerSide).empty()) << "the server was never heard";
    // A cut connection; then packets in its ends' names from the wrong ends.
    Talk talk("10.0.0.6", "192.0.2.9", 40000, 8080);
    talk.open(rig);
    rig.pass(Rig::kClientSide, talk.up(test::kLogin));
    rig.take(Rig::kClientSide);
    rig.take(Rig::kServerSide);
    for (unsigned n = 0; n < 3; ++n) {
        EXPECT_TRUE(rig.pass(Rig::kServerSide, talk.up("x")).empty());
    }
    EXPECT_TRUE(rig.take(Rig::kServerSide).empty());
    EXPECT_TRUE(rig.take(Rig::kClientSide).empty());
    EXPECT_EQ(rig.counters().resets_suppressed.get(), 3u);
}

TEST(Alerts, OfOneSourceAreLimitedAndTheNextOneTellsHowManyWere) {
    Rig rig(rule("server_port = \"@ports\"", "drop"), roomy());
    for (unsigned n = 0; n < 500; ++n) {
        rig.pass(Rig::kClientSide, syn(n, "10.0.0.66"));
    }
    EXPECT_EQ(rig.events_of(event::Kind::detection).size(), 128u);
    EXPECT_EQ(rig.counters().alerts_suppressed.get(), 500u - 128);
    rig.pass(Rig::kClientSide, syn(0, "10.0.0.7"));
    auto events = rig.events_of(event::Kind::detection);
    ASSERT_EQ(events.size(), 1u) << "another source";
    EXPECT_EQ(events[0].suppressed, 0u);
    rig.now += kNanosPerSecond;
    rig.pass(Rig::kClientSide, syn(500, "10.0.0.66"));
    rig.pass(Rig::kClientSide, syn(501, "10.0.0.66"));
    events = rig.events_of(event::Kind::detection);
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[0].suppressed, 500u - 128);
    EXPECT_EQ(events[1].suppressed, 0u);
}

TEST(Alerts, OfOneFlowAreWrittenEverMoreSeldom) {
    Rig rig(rule("dns_name = \"@pools\"", "drop"), roomy());
    for (unsigned n = 0; n < 1000; ++n) {
        rig.now += kNanosPerSecond;
        rig.pass(Rig::kClientSide, Eth()
                                       .ipv4("10.0.0.1", "192.0.2.53")
                                       .udp(40000, 53)
                                       .payload(test::dns_message("pool.example")));
    }
    EXPECT_EQ(rig.events_of(event::Kind::detection).size(), 16u + 5) << "32, 64, 128, 256, 512";
    EXPECT_EQ(rig.dropped(Reason::policy_drop), 1000u);
}

TEST(FlowEnds, OfUnansweredFlowsAreLimitedBySource) {
    Rig rig(kResetMining, roomy());
    for (unsigned n = 0; n < 500; ++n) {
        rig.pass(Rig::kClientSide,
                 Talk("10.0.0.66", "192.0.2.9", static_cast<std::uint16_t>(1024 + n), 443).syn());
    }
    Talk talk("10.0.0.66", "192.0.2.9", 40000, 8080);
    talk.open(rig);
    rig.end_flows();
    const auto events = rig.events_of(event::Kind::flow_end);
    EXPECT_EQ(events.size(), 128u + 1) << "an answered flow is always written";
    EXPECT_EQ(rig.counters().flow_ends_suppressed.get(), 500u - 128);
}

TEST(Shares, OfNamesAndFindingsLeaveRoomForOthers) {
    RigOptions options = roomy();
    options.worker.flows.names = 16;
    Rig rig(kResetMining, options);
    for (std::uint16_t n = 0; n < 32; ++n) {
        Talk talk("10.0.0.66", "192.0.2.9", static_cast<std::uint16_t>(20000 + n), 443);
        talk.open(rig);
        rig.pass(Rig::kClientSide, talk.up(test::client_hello("news.example")));
    }
    EXPECT_EQ(rig.worker().context().names.in_use(), 8u);
    EXPECT_GE(rig.counters().findings_refused.get(), 24u);
    Talk other("10.0.0.7", "192.0.2.9", 40000, 443);
    other.open(rig);
    rig.pass(Rig::kClientSide, other.up(test::client_hello("news.example")));
    EXPECT_EQ(rig.worker().context().names.in_use(), 9u);
}

}  // namespace
}  // namespace minerwall::path

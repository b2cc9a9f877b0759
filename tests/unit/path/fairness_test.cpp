// Floods: who loses what, and what a packet without a flow or a state still shows.
#include <gtest/gtest.h>

#include "rig.hpp"
#include "support/messages.hpp"

namespace minerwall::path {
namespace {

using test::Eth;

constexpr unsigned kFlows = 64;

RigOptions small(bool drop, std::uint32_t states = 32) {
    RigOptions options;
    options.worker.flows.capacity = kFlows;
    options.worker.flows.drop_when_full = drop;
    options.worker.inspection.states = states;
    return options;
}

Talk talk_of(const std::string& client, unsigned n, std::uint16_t server_port = 8080) {
    return {client, "192.0.2.9", static_cast<std::uint16_t>(20000 + n), server_port};
}
// A masked text frame (RFC 6455, 5.2).
std::string websocket_frame(std::string_view text) {
    std::string out{'\x81',
                    static_cast<char>(0x80 | 126),
                    static_cast<char>(text.size() >> 8),
                    static_cast<char>(text.size()),
                    1,
                    2,
                    3,
                    4};
    for (std::size_t i = 0; i < text.size(); ++i) {
        out.push_back(static_cast<char>(text[i] ^ static_cast<char>(1 + i % 4)));
    }
    return out;
}
std::string host(unsigned n) {
    return "10." + std::to_string(1 + n / 65025) + '.' + std::to_string(n / 255 % 255) + '.' +
           std::to_string(1 + n % 250);
}

class Flood : public testing::TestWithParam<bool> {
  protected:
    static bool drops() { return GetParam(); }
    void one_host(Rig& rig, unsigned syns) {
        for (unsigned n = 0; n < syns; ++n) {
            rig.now += kNanosPerMilli;
            rig.pass(Rig::kClientSide, talk_of("10.0.0.66", n).syn());
        }
    }
    void random_hosts(Rig& rig, unsigned syns) {
        for (unsigned n = 0; n < syns; ++n) {
            rig.now += kNanosPerMilli;
            rig.pass(Rig::kClientSide, talk_of(host(n), n).syn());
        }
    }
    void expect_a_connection(Rig& rig, const std::string& client) {
        Talk user = talk_of(client, 999);
        user.open(rig);
        EXPECT_TRUE(rig.forwarded(Rig::kClientSide, user.up("GET / HTTP/1.1\r\nHost: a\r\n\r\n")));
    }
    void expect_a_miner_to_be_stopped(Rig& rig, const std::string& client) {
        Talk miner = talk_of(client, 998);
        miner.open(rig);
        EXPECT_TRUE(rig.forwarded(Rig::kClientSide, miner.up(test::kLogin.substr(0, 20))));
        one_host(rig, 5);
        EXPECT_FALSE(rig.forwarded(Rig::kClientSide, miner.up(test::kLogin.substr(20))));
    }
};

TEST_P(Flood, OfOneHostTakesOnlyItsOwnPlaces) {
    Rig rig(kResetMining, small(drops()));
    Talk old = talk_of("10.0.0.5", 1);
    old.open(rig);
    one_host(rig, 500);
    EXPECT_GT(rig.counters().flows_evicted[0].get(), 400u);
    EXPECT_EQ(rig.counters().flows_evicted[2].get() + rig.counters().flows_evicted[3].get(), 0u);
    expect_a_connection(rig, "10.0.0.7");
    expect_a_miner_to_be_stopped(rig, "10.0.0.8");
    EXPECT_FALSE(rig.forwarded(Rig::kClientSide, old.up(test::kLogin)));
    EXPECT_EQ(rig.dropped(Reason::flow_table_full), 0u);
}

TEST_P(Flood, OfRandomHostsLosesBeforeWhoeverIsAnswered) {
    Rig rig(kResetMining, small(drops()));
    Talk old = talk_of("10.0.0.5", 1);
    old.open(rig);
    random_hosts(rig, 500);
    expect_a_connection(rig, "10.0.0.7");
    expect_a_miner_to_be_stopped(rig, "10.0.0.8");
    EXPECT_FALSE(rig.forwarded(Rig::kClientSide, old.up(test::kLogin)));
}

// An acknowledgement with guessed numbers does not turn a SYN into a connection.
TEST_P(Flood, OfForgedHandshakesCountsAsUnanswered) {
    Rig rig(kResetMining, small(drops()));
    for (unsigned n = 0; n < 2 * kFlows; ++n) {
        rig.now += kNanosPerMilli;
        Talk talk = talk_of(host(n), n);
        rig.pass(Rig::kClientSide, talk.syn());
        rig.pass(Rig::kServerSide, talk.syn_ack());
        talk.server_seq += 123456789;
        rig.pass(Rig::kClientSide, talk.up());
    }
    EXPECT_GE(rig.counters().flows_evicted[0].get(), kFlows - 4);
    expect_a_connection(rig, "10.0.0.7");
}

TEST_P(Flood, OfQuestionsLosesBeforeConnections) {
    Rig rig(kResetMining, small(drops()));
    Talk old = talk_of("10.0.0.5", 1);
    old.open(rig);
    for (unsigned n = 0; n < 500; ++n) {
        const auto port = static_cast<std::uint16_t>(20000 + n);
        rig.now += kNanosPerMilli;
        rig.pass(Rig::kClientSide, Eth()
                                       .ipv4("10.0.0.66", "192.0.2.53")
                                       .udp(port, 53)
                                       .payload(test::dns_message("news.example")));
        rig.pass(Rig::kServerSide, Eth()
                                       .ipv4("192.0.2.53", "10.0.0.66")
                                       .udp(53, port)
                                       .payload(test::dns_message("news.example", true)));
    }
    EXPECT_GT(rig.counters().flows_evicted[1].get(), 400u);
    expect_a_connection(rig, "10.0.0.7");
    EXPECT_FALSE(rig.forwarded(Rig::kClientSide, old.up(test::kLogin)));
}

TEST_P(Flood, OfOpenConnectionsLosesItsOwn) {
    Rig rig(kResetMining, small(drops()));
    for (unsigned n = 0; n < kFlows; ++n) {
        Talk talk = talk_of("10.0.0.66", n);
        talk.open(rig);
    }
    expect_a_connection(rig, "10.0.0.7");
    expect_a_miner_to_be_stopped(rig, "10.0.0.8");
    EXPECT_GT(rig.counters().flows_evicted[2].get(), 0u);
}

// A busy proxy holds most of the table: its living connections stay.
TEST_P(Flood, OfRandomHostsTakesNoLivingConnectionOfABusyOne) {
    Rig rig(kResetMining, small(drops()));
    std::vector<Talk> proxy;
    for (unsigned n = 0; n < kFlows / 2; ++n) {
        proxy.push_back(talk_of("10.0.0.5", n));
        proxy.back().open(rig);
    }
    random_hosts(rig, 500);
    EXPECT_EQ(rig.counters().flows_evicted[2].get(), 0u);
    Talk next = talk_of("10.0.0.5", 100);
    next.open(rig);
    EXPECT_FALSE(rig.forwarded(Rig::kClientSide, next.up(test::kLogin)));
}

TEST_P(Flood, OfCutConnectionsLosesItsOwn) {
    Rig rig(rule("app = \"mining\"", "drop"), small(drops()));
    for (unsigned n = 0; n < kFlows; ++n) {
        Talk talk = talk_of("10.0.0.66", n);
        talk.open(rig);
        rig.pass(Rig::kClientSide, talk.up(test::kLogin));
    }
    Talk cut = talk_of("10.0.0.66", 0);
    EXPECT_FALSE(rig.forwarded(Rig::kClientSide, cut.up("x")));
    expect_a_connection(rig, "10.0.0.7");
    EXPECT_GT(rig.counters().flows_evicted[3].get(), 0u);
}

INSTANTIATE_TEST_SUITE_P(WhenFull, Flood, testing::Bool(),
                         [](const auto& how) { return how.param ? "Drop" : "Forward"; });

// A full table of living connections of as many hosts: a new one finds no place.
class WithoutAPlace : public testing::Test {
  protected:
    explicit WithoutAPlace(std::string_view rules = kRules) : rig(rules, small(false)) {
        open_connections(rig, kFlows);
    }
    static inline const std::string kRules = rule("server_name = \"@pools\"", "drop") + ", " +
                                             kResetMining + ", " +
                                             rule("dns_name = \"@pools\"", "sinkhole");
    Rig rig;
    Talk talk{"10.0.0.1", "192.0.2.9", 40000, 443};
};

TEST_F(WithoutAPlace, AMiningMessageIsDropped) {
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, talk.syn()));
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, talk.up("hello\n")));
    EXPECT_FALSE(rig.forwarded(Rig::kClientSide, talk.up(test::kLogin)));
    EXPECT_EQ(rig.dropped(Reason::policy_drop), 1u);
    EXPECT_EQ(rig.counters().flow_table_full.get(), 3u);
    EXPECT_EQ(rig.counters().packets_judged_alone.get(), 2u);
}

TEST_F(WithoutAPlace, AClientHelloAndARequestAreJudgedByTheirNames) {
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, talk.up(test::client_hello("news.example"))));
    EXPECT_FALSE(rig.forwarded(Rig::kClientSide, talk.up(test::client_hello("pool.example"))));
    EXPECT_FALSE(
        rig.forwarded(Rig::kClientSide, talk.up("GET / HTTP/1.1\r\nHost: pool.example\r\n\r\n")));
}

TEST_F(WithoutAPlace, AQuestionForAPoolIsAnswered) {
    const auto question = [](const char* name) {
        return Eth().ipv4("10.0.0.1", "192.0.2.53").udp(40000, 53).payload(test::dns_message(name));
    };
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, question("news.example")));
    EXPECT_FALSE(rig.forwarded(Rig::kClientSide, question("pool.example")));
    EXPECT_EQ(rig.counters().sinkholes_crafted.get(), 1u);
    EXPECT_EQ(rig.take(Rig::kClientSide).size(), 1u);
}

TEST_F(WithoutAPlace, WhatItsReceiverDoesNotTakeIsNotBelieved) {
    Buffer frame = talk.up(test::kLogin);
    frame[parse(frame).l4_offset + 16u] ^= 0x5a;
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, frame));
}

// Parser states.
class IdleStates : public testing::TestWithParam<bool> {
  protected:
    static constexpr unsigned kStates = 8;
    RigOptions options() const {
        RigOptions options;
        options.worker.inspection.states = kStates;
        options.worker.flows.drop_when_full = GetParam();
        options.worker.streams.drop_when_full = GetParam();
        return options;
    }
    static void ask(Rig& rig, Talk& talk, std::string_view target = "/") {
        rig.now += kNanosPerMilli;
        rig.pass(Rig::kClientSide,
                 talk.up("GET " + std::string(target) + " HTTP/1.1\r\nHost: a.b\r\n\r\n"));
        rig.pass(Rig::kServerSide, talk.down("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
        rig.pass(Rig::kClientSide, talk.up());
    }
};

TEST_P(IdleStates, GiveWayToAMinerAndGoOn) {
    Rig rig(kResetMining + ", " + rule("server_name = \"@pools\"", "drop"), options());
    std::vector<Talk> talks;
    for (unsigned n = 0; n < 100; ++n) {
        talks.push_back(talk_of("10.0.0.66", n));
        talks.back().open(rig);
        ask(rig, talks.back());
    }
    EXPECT_EQ(rig.counters().inspection_exhausted.get(), 0u);
    EXPECT_EQ(rig.counters().states_lost.get(), 0u);
    EXPECT_GE(rig.counters().states_parked.get(), 92u);
    Talk miner = talk_of("10.0.0.7", 500);
    miner.open(rig);
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, miner.up(test::kLogin.substr(0, 20))));
    for (Talk& talk : talks) {
        ask(rig, talk, "/again");
    }
    EXPECT_FALSE(rig.forwarded(Rig::kClientSide, miner.up(test::kLogin.substr(20))));
    EXPECT_EQ(rig.counters().stream_gaps.get(), 0u);
    rig.take(Rig::kClientSide);  // its reset
    // The next request of a parked connection, in pieces.
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, talks[0].up("GE")));
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, talks[0].up("T / HTTP/1.1\r\nHost: poo")));
    EXPECT_FALSE(rig.forwarded(Rig::kClientSide, talks[0].up("l.example\r\n\r\n")));
}

TEST_P(IdleStates, OfAWebSocketGoOnAsOne) {
    Rig rig(kResetMining, options());
    Talk talk = talk_of("10.0.0.66", 1);
    talk.open(rig);
    rig.pass(Rig::kClientSide, talk.up("GET /chat HTTP/1.1\r\nHost: a.b\r\nUpgrade: websocket\r\n"
                                       "Connection: Upgrade\r\n\r\n"));
    rig.pass(Rig::kServerSide,
             talk.down("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                       "Connection: Upgrade\r\n\r\n"));
    rig.pass(Rig::kClientSide, talk.up(websocket_frame("hello")));
    rig.pass(Rig::kServerSide, talk.down());
    std::vector<Talk> talks;
    for (unsigned n = 0; n < 3 * kStates; ++n) {
        talks.push_back(talk_of("10.0.0.66", n + 10));
        talks.back().open(rig);
        ask(rig, talks.back());
    }
    EXPECT_EQ(rig.worker().context().flows.at(0).inspection, flow::kNone) << "not parked";
    EXPECT_FALSE(rig.forwarded(Rig::kClientSide, talk.up(websocket_frame(test::kLogin))));
}

TEST_P(IdleStates, InsideAMessageTheLargestSourceLosesThem) {
    Rig rig(kResetMining, options());
    for (unsigned n = 0; n < kStates; ++n) {
        Talk talk = talk_of("10.0.0.66", n);
        talk.open(rig);
        rig.pass(Rig::kClientSide, talk.up("GET / HT"));
    }
    Talk miner = talk_of("10.0.0.7", 500);
    miner.open(rig);
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, miner.up(test::kLogin.substr(0, 20))));
    for (unsigned n = kStates; n < 4 * kStates; ++n) {
        Talk talk = talk_of("10.0.0.66", n);
        talk.open(rig);
        rig.pass(Rig::kClientSide, talk.up("GET / HT"));
    }
    EXPECT_FALSE(rig.forwarded(Rig::kClientSide, miner.up(test::kLogin.substr(20))));
    EXPECT_GE(rig.counters().states_lost.get(), 1u);
}

INSTANTIATE_TEST_SUITE_P(WhenFull, IdleStates, testing::Bool(),
                         [](const auto& how) { return how.param ? "Drop" : "Forward"; });

}  // namespace
}  // namespace minerwall::path

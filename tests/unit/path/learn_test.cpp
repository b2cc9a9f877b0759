// Addresses of pools that packets reveal, and the flows that go there: see path/verdict/learn.hpp.
#include <gtest/gtest.h>

#include "rig.hpp"
#include "support/messages.hpp"

namespace minerwall::path {
namespace {

using namespace test;
using namespace std::string_literals;

// An answer for `name` with one A record.
std::string answer(std::string_view name, const std::string& address, std::uint8_t ttl = 120) {
    std::string out = dns_message(name, true);
    out[7] = 1;
    out += "\xc0\x0c"s + "\0\x01\0\x01\0\0\0"s + static_cast<char>(ttl) + sized16(address);
    return out;
}

// The question of an answer.
std::string question(const std::string& message, bool recursion = true) {
    std::size_t end = 12;
    while (message[end] != 0) {
        end += static_cast<std::size_t>(message[end]) + 1;
    }
    std::string out = message.substr(0, end + 5);
    out[2] = recursion ? 1 : 0;
    out[3] = out[7] = 0;
    return out;
}

// An alias that leads to a listed name, and its address.
std::string alias(std::string_view asked, std::string_view listed, const std::string& address) {
    std::string out = dns_message(asked, true);
    out[7] = 2;
    const std::string target = dns_name(listed);
    out += "\xc0\x0c"s + "\0\x05\0\x01\0\0\0\x78"s + sized16(target);
    return out + target + "\0\x01\0\x01\0\0\0\x78"s + sized16(address);
}

class LearnTest : public testing::Test {
  protected:
    void answered(const std::string& message, const std::string& client = "10.0.0.1") {
        EXPECT_TRUE(rig_.forwarded(
            Rig::kClientSide,
            Eth().ipv4(client, "192.0.2.53").udp(40000, 53).payload(question(message)).build()));
        EXPECT_TRUE(rig_.forwarded(
            Rig::kServerSide,
            Eth().ipv4("192.0.2.53", client).udp(53, 40000).payload(message).build()));
    }
    // Whether a SYN passes.
    bool opens(const std::string& client, const std::string& server, std::uint16_t port) {
        Talk talk(client, server, next_port_++, port);
        return rig_.forwarded(Rig::kClientSide, talk.syn());
    }

    const std::string rules_ =
        rule("dns_name = \"@pools\"", "observe") + ", " +
        "{ name = \"payload\"; when = { app = \"mining\"; }; action = \"observe\"; }, " +
        rule("learned = true", "drop");
    Rig rig_{rules_};
    std::uint16_t next_port_ = 41000;
};

TEST_F(LearnTest, TheAnswerForAListedNameIsForItsClient) {
    answered(answer("eu.pool.example", "\xc6\x33\x64\x09"s));
    EXPECT_FALSE(opens("10.0.0.1", "198.51.100.9", 3333));
    EXPECT_TRUE(opens("10.0.0.2", "198.51.100.9", 3333)) << "this client got no answer";
    EXPECT_TRUE(opens("10.0.0.1", "198.51.100.8", 3333));
    const auto told = rig_.events_of(event::Kind::learned);
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].learned.from, LearnedFrom::dns_answer);
    EXPECT_EQ(told[0].learned.name.view(), "eu.pool.example");
    EXPECT_EQ(rig_.counters().learned_total.get(), 1u);
    EXPECT_EQ(rig_.counters().detections_by_learned.get(), 1u);
}

TEST_F(LearnTest, ItLastsAsLongAsTheAnswer) {
    answered(answer("pool.example", "\xc6\x33\x64\x09"s, 120));
    rig_.now += 119 * kNanosPerSecond;
    EXPECT_FALSE(opens("10.0.0.1", "198.51.100.9", 3333));
    rig_.now += 2 * kNanosPerSecond;
    EXPECT_TRUE(opens("10.0.0.1", "198.51.100.9", 3333));
}

TEST_F(LearnTest, OtherNamesAndPrivateAddressesTeachNothing) {
    answered(answer("www.example", "\xc6\x33\x64\x09"s));
    answered(answer("pool.example", "\x0a\x01\x01\x01"s));
    answered(answer("pool.example", "\x7f\0\0\x01"s));
    EXPECT_TRUE(opens("10.0.0.1", "198.51.100.9", 3333));
    EXPECT_TRUE(opens("10.0.0.1", "10.1.1.1", 3333));
    EXPECT_TRUE(rig_.events_of(event::Kind::learned).empty());
    EXPECT_EQ(rig_.counters().learned_refused.get(), 2u);
}

TEST_F(LearnTest, WhatNobodyAskedForTeachesNothing) {
    rig_.pass(Rig::kServerSide, Eth()
                                    .ipv4("203.0.113.66", "10.0.0.1")
                                    .udp(53, 40000)
                                    .payload(answer("pool.example", "\xc6\x33\x64\x09"s))
                                    .build());
    EXPECT_TRUE(opens("10.0.0.1", "198.51.100.9", 443));
    EXPECT_EQ(rig_.counters().learned_total.get(), 0u);
}

TEST_F(LearnTest, AnAnswerToAnotherQuestionTeachesNothing) {
    const std::string told = answer("pool.example", "\xc6\x33\x64\x09"s);
    const auto exchange = [&](std::uint16_t asked_at, const std::string& asked) {
        Eth up, down;
        up.ipv4("10.0.0.1", "192.0.2.53").udp(40000, 53).payload(asked);
        down.ipv4("192.0.2.53", "10.0.0.1").udp(53, 40000).payload(told);
        rig_.pass(asked_at, up.build());
        rig_.pass(Rig::kServerSide, down.build());
    };
    exchange(Rig::kClientSide, dns_message("other.example"));
    exchange(Rig::kClientSide, "\0\x03\0\0\x21\x12\xa4\x42"s + "no DNS: TURN");
    exchange(Rig::kServerSide, question(told));  // an attacker forged both
    EXPECT_EQ(rig_.counters().learned_total.get(), 0u);
    exchange(Rig::kClientSide, question(told));
    EXPECT_EQ(rig_.counters().learned_total.get(), 1u);
}

// An authority answers only for its own names, and a resolver asks it without recursion.
TEST_F(LearnTest, AnAuthoritysAliasesTeachNothing) {
    const std::string told = alias("x.attacker.example", "pool.example", "\xc6\x33\x64\x01"s);
    for (const bool recursion : {false, true}) {
        rig_.pass(Rig::kClientSide, Eth()
                                        .ipv4("10.0.0.53", "203.0.113.66")
                                        .udp(40000, 53)
                                        .payload(question(told, recursion))
                                        .build());
        rig_.pass(Rig::kServerSide,
                  Eth().ipv4("203.0.113.66", "10.0.0.53").udp(53, 40000).payload(told).build());
        EXPECT_EQ(rig_.counters().learned_total.get(), recursion ? 1u : 0u);
    }
}

TEST_F(LearnTest, AnAnswerThatIsSwallowedTeachesNothing) {
    Rig rig(rule("dns_name = \"@pools\"", "sinkhole") + ", " + rule("learned = true", "drop"));
    const std::string told = alias("www.example", "pool.example", "\xc6\x33\x64\x01"s);
    rig.pass(Rig::kClientSide,
             Eth().ipv4("10.0.0.1", "192.0.2.53").udp(40000, 53).payload(question(told)).build());
    rig.pass(Rig::kServerSide,
             Eth().ipv4("192.0.2.53", "10.0.0.1").udp(53, 40000).payload(told).build());
    EXPECT_EQ(rig.counters().learned_total.get(), 0u);
}

TEST_F(LearnTest, WhatAWebPageHasABrowserSayTeachesNothing) {
    const std::string body = "{\"id\":1,\"method\":\"getwork\",\"params\":[]}";
    for (const bool page : {true, false}) {
        Talk talk("10.0.0.1", "203.0.113.66", page ? 40001 : 40002, 80);
        talk.open(rig_);
        rig_.pass(Rig::kClientSide,
                  talk.up("POST / HTTP/1.1\r\nHost: ad.example\r\n" +
                          std::string(page ? "Origin: http://page.example\r\n" : "") +
                          "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body));
        rig_.pass(Rig::kServerSide,
                  talk.down("HTTP/1.1 200 OK\r\nX-Stratum: stratum+tcp://198.51.100.77:443\r\n"
                            "Content-Length: 0\r\n\r\n"));
        EXPECT_EQ(rig_.counters().learned_total.get(), page ? 0u : 1u);
    }
}

// A web page can make a browser read any server's bytes.
TEST_F(LearnTest, AServersWordToAClientThatDoesNotMineTeachesNothing) {
    Talk line("10.0.0.1", "203.0.113.66", 40001, 8080);
    line.open(rig_);
    rig_.pass(Rig::kServerSide, line.down("{\"id\":null,\"method\":\"client.reconnect\",\"params\":"
                                          "[\"198.51.100.77\",443,1]}\n"));
    Talk web("10.0.0.1", "203.0.113.66", 40002, 80);
    web.open(rig_);
    rig_.pass(Rig::kClientSide, web.up("GET / HTTP/1.1\r\nHost: ad.example\r\n\r\n"));
    rig_.pass(Rig::kServerSide,
              web.down("HTTP/1.1 200 OK\r\nX-Stratum: stratum+tcp://198.51.100.77:443\r\n"
                       "Content-Length: 0\r\n\r\n"));
    EXPECT_EQ(rig_.events_of(event::Kind::detection).size(), 2u) << "both are reported";
    EXPECT_TRUE(opens("10.0.0.1", "198.51.100.77", 443));
    EXPECT_EQ(rig_.counters().learned_total.get(), 0u);
}

// Of two answers in one segment, the first one's addresses belong to the first one's name.
TEST_F(LearnTest, AddressesAreThoseOfTheirOwnAnswer) {
    const auto framed = [](const std::string& message) {
        return std::string(1, '\0') + static_cast<char>(message.size()) + message;
    };
    Talk talk("10.0.0.1", "192.0.2.53", 40001, 53);
    talk.open(rig_);
    rig_.pass(Rig::kClientSide,
              talk.up(framed(dns_message("www.example")) + framed(dns_message("pool.example"))));
    rig_.pass(Rig::kServerSide, talk.down(framed(answer("www.example", "\xc6\x33\x64\x32"s)) +
                                          framed(dns_message("pool.example", true))));
    EXPECT_TRUE(opens("10.0.0.1", "198.51.100.50", 443));
    EXPECT_EQ(rig_.counters().learned_total.get(), 0u);
}

TEST_F(LearnTest, WhereNoRuleAsksNothingIsLearned) {
    Rig rig(rule("dns_name = \"@pools\"", "observe"));
    rig.pass(Rig::kClientSide, Eth()
                                   .ipv4("10.0.0.1", "192.0.2.53")
                                   .udp(40000, 53)
                                   .payload(dns_message("pool.example"))
                                   .build());
    rig.pass(Rig::kServerSide, Eth()
                                   .ipv4("192.0.2.53", "10.0.0.1")
                                   .udp(53, 40000)
                                   .payload(answer("pool.example", "\xc6\x33\x64\x09"s))
                                   .build());
    EXPECT_EQ(rig.counters().learned_total.get(), 0u);
}

TEST_F(LearnTest, APoolThatSendsItsMinerElsewhereTellsWhere) {
    Talk talk("10.0.0.1", "192.0.2.9", 40001, 3333);
    talk.open(rig_);
    rig_.pass(Rig::kClientSide, talk.up(kSubscribe));
    rig_.pass(Rig::kServerSide, talk.down("{\"id\":null,\"method\":\"client.reconnect\",\"params\":"
                                          "[\"198.51.100.77\",4444,1]}\n"));
    EXPECT_FALSE(opens("10.0.0.1", "198.51.100.77", 4444));
    EXPECT_TRUE(opens("10.0.0.1", "198.51.100.77", 443)) << "another port";
}

TEST_F(LearnTest, ANameThatAPoolTellsIsFollowedToItsAddress) {
    Talk talk("10.0.0.1", "192.0.2.9", 40001, 3333);
    talk.open(rig_);
    rig_.pass(Rig::kClientSide, talk.up(kSubscribe));
    rig_.pass(Rig::kServerSide, talk.down("{\"id\":null,\"method\":\"client.reconnect\",\"params\":"
                                          "[\"Backup.Unlisted.Example\",4444,1]}\n"));
    answered(answer("backup.unlisted.example", "\xc6\x33\x64\x0a"s));
    EXPECT_FALSE(opens("10.0.0.1", "198.51.100.10", 4444));
    EXPECT_TRUE(opens("10.0.0.1", "198.51.100.10", 443));
}

TEST_F(LearnTest, AMinersOwnMessageNamesItsPool) {
    Talk talk("10.0.0.1", "192.0.2.9", 40001, 3333);
    talk.open(rig_);
    rig_.pass(Rig::kClientSide, talk.up("{\"id\":1,\"method\":\"mining.subscribe\",\"params\":"
                                        "[\"nheq/1.0\",null,\"198.51.100.55\",\"3357\"]}\n"));
    EXPECT_FALSE(opens("10.0.0.1", "198.51.100.55", 3357));
}

TEST_F(LearnTest, AnAddressOnTheGuardRailIsNeverLearned) {
    answered(answer("pool.example", "\xcb\x00\x71\x09"s));
    EXPECT_TRUE(opens("10.0.0.1", "203.0.113.9", 3333));
    EXPECT_EQ(rig_.counters().learned_refused.get(), 1u);
}

}  // namespace
}  // namespace minerwall::path

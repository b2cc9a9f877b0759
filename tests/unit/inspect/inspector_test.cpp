#include "inspect/inspector.hpp"

#include <gtest/gtest.h>

#include <random>

#include "rig.hpp"

namespace minerwall::inspect {
namespace {

using flow::Direction;
using namespace test;

constexpr Direction kUp = Direction::to_server;
constexpr Direction kDown = Direction::to_client;

TEST(Inspector, AConfirmedMessageIsEvidenceAndSettlesTheFlow) {
    Rig rig;
    Dialogue connection(rig);
    EXPECT_TRUE(connection.up(kLogin));
    ASSERT_EQ(connection.learned.mining.size(), 1u);
    const MiningInfo& mining = connection.learned.mining[0];
    EXPECT_EQ(mining.dialect, Dialect::cryptonote);
    EXPECT_EQ(mining.speaker, Speaker::miner);
    EXPECT_EQ(mining.agent, "XMRig/6.21.0");
    EXPECT_TRUE(connection.settled());
    EXPECT_FALSE(connection.up(kSubscribe)) << "nothing more to learn";
}

TEST(Inspector, MessagesOfOneSegmentCompleteEachOther) {
    Rig rig;
    Dialogue connection(rig);
    connection.up(kSubscribe + kAuthorize);
    ASSERT_EQ(connection.learned.mining.size(), 1u);
    EXPECT_EQ(connection.learned.mining[0].method, "mining.subscribe") << "the first one decides";
    EXPECT_EQ(connection.learned.mining[0].agent, "rig/1.0");
    EXPECT_EQ(connection.learned.mining[0].login, "wallet.rig1");
}

TEST(Inspector, AClientHelloSettlesTheFlowWithItsName) {
    Rig rig;
    Dialogue connection(rig);
    EXPECT_TRUE(connection.up(client_hello("Pool.Example.")));
    EXPECT_EQ(connection.learned.names, std::vector<std::string>{"pool.example"});
    EXPECT_EQ(connection.learned.sources[0], NameSource::sni);
    EXPECT_TRUE(connection.settled());
}

TEST(Inspector, TheNameIsKnownBeforeTheClientHelloIsComplete) {
    Rig rig;
    Dialogue connection(rig);
    std::string hello = client_hello("pool.example");
    hello.pop_back();
    // One byte is missing behind the name in its extension, so nothing may be reported yet.
    connection.up(hello);
    EXPECT_TRUE(connection.learned.names.empty());
    connection.up("e");
    EXPECT_EQ(connection.learned.names.size(), 1u);
}

TEST(Inspector, EachRequestOfAKeptConnectionHasItsHostJudged) {
    Rig rig;
    Dialogue connection(rig);
    EXPECT_TRUE(connection.up(http_get("news.example")));
    EXPECT_FALSE(connection.down("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    EXPECT_TRUE(connection.up(http_get("Pool.Example:8080")));
    EXPECT_EQ(connection.learned.names, (std::vector<std::string>{"news.example", "pool.example"}));
    EXPECT_EQ(connection.learned.sources[1], NameSource::http_host);
    EXPECT_FALSE(connection.settled());
}

// Pipelined requests may share a segment (RFC 9112, 9.3.2).
TEST(Inspector, TwoRequestsInOneSegmentHideNoName) {
    Rig rig;
    Dialogue connection(rig);
    EXPECT_TRUE(connection.up(http_get("pool.example") + http_get("news.example") +
                              http_get("pool.example")));
    EXPECT_EQ(connection.learned.names, (std::vector<std::string>{"pool.example", "news.example"}));
}

TEST(Inspector, ARequestThatNamesTwoHostsGivesBoth) {
    Rig rig;
    Dialogue connection(rig);
    connection.up("GET http://news.example/ HTTP/1.1\r\nHost: pool.example\r\n\r\n");
    EXPECT_EQ(connection.learned.names, (std::vector<std::string>{"news.example", "pool.example"}));
}

TEST(Inspector, AMiningBodyOfARequestSaysWhereItStands) {
    Rig rig;
    Dialogue connection(rig);
    const std::string text =
        http_post("node.example", "{\"id\":1,\"method\":\"getwork\",\"params\":[]}");
    connection.up(text);
    ASSERT_EQ(connection.learned.mining.size(), 1u);
    EXPECT_EQ(connection.learned.mining[0].dialect, Dialect::getwork);
    EXPECT_EQ(connection.learned.mining[0].pool, "node.example");
    EXPECT_EQ(connection.learned.mining[0].offset, text.find('{'))
        << "bytes from the stream's first byte";
}

// Encrypted Stratum V2: the miner's key comes first, even if the other end opened the connection.
TEST(Inspector, TheMinerOfStratum2IsWhoSpeaksFirst) {
    std::mt19937 random(7);
    const auto noise = [&random](std::size_t size) {
        std::string text(size, '\0');
        for (char& c : text) {
            c = static_cast<char>(random());
        }
        return text;
    };
    for (const bool pool_connects : {false, true}) {
        Rig rig;
        Dialogue dialogue(rig);
        const auto miner = pool_connects ? flow::Direction::to_client : flow::Direction::to_server;
        const auto say = [&](flow::Direction direction, std::size_t size) {
            const std::string text = noise(size);
            dialogue.send(direction, {text});
        };
        say(miner, 64);
        say(opposite(miner), 234);
        say(miner, 88);
        say(opposite(miner), 44);
        EXPECT_TRUE(dialogue.learned.mining.empty());
        say(miner, 108);
        ASSERT_EQ(dialogue.learned.mining.size(), 1u);
        EXPECT_EQ(dialogue.learned.mining[0].dialect, Dialect::stratum_v2);
    }
}

TEST(Inspector, ATunnelIsReadLikeAConnection) {
    Rig rig;
    Dialogue connection(rig);
    EXPECT_TRUE(connection.up("CONNECT pool.example:3333 HTTP/1.1\r\n\r\n"));
    EXPECT_EQ(connection.learned.names, std::vector<std::string>{"pool.example"});
    connection.down("HTTP/1.1 200 Dialogue established\r\n\r\n");
    EXPECT_TRUE(connection.up(kSubscribe));
    ASSERT_EQ(connection.learned.mining.size(), 1u);
    EXPECT_EQ(connection.learned.mining[0].dialect, Dialect::stratum_v1);
}

TEST(Inspector, WhatBelongsToNoProtocolOfOursIsGivenUpSoon) {
    Rig rig;
    Dialogue connection(rig);
    for (unsigned i = 0; i < 8; ++i) {
        connection.up("SSH-2.0-OpenSSH_9.2" + std::string(300, 's'));
        connection.down(std::string(300, 't'));
    }
    EXPECT_TRUE(connection.settled());
    EXPECT_EQ(rig.counters->inspections_active.get(), 0u);
    EXPECT_TRUE(connection.learned.mining.empty());
}

// Bytes that only might stand in front of JSON decide nothing: what begins in a later segment is
// read.
TEST(Inspector, AnOpenQuoteHidesNothing) {
    for (const std::string& front :
         {std::string{"'\x80{"}, std::string{"/*{"}, std::string{"\"x"}}) {
        Rig rig;
        Dialogue connection(rig);
        connection.up(front);
        connection.up("GET / HTTP/1.1\r\nHost: pool.example\r\n\r\n");
        EXPECT_EQ(connection.learned.names, std::vector<std::string>{"pool.example"}) << front;
    }
}

// Two ends that only pretend to talk HTTP.
TEST(Inspector, ABodyOutOfTurnIsSearched) {
    Rig rig;
    Dialogue connection(rig);
    connection.up("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999\r\n\r\n");
    connection.up("hello\n");
    connection.down("HTTP/1.1 200 OK\r\n\r\n");
    connection.up(kSubscribe);
    ASSERT_EQ(connection.learned.mining.size(), 1u);
    EXPECT_EQ(connection.learned.mining[0].dialect, Dialect::stratum_v1);
}

TEST(Inspector, ALineOfJsonInsideAHeadIsReadBesideIt) {
    Rig rig;
    Dialogue connection(rig);
    connection.up("GET / HTTP/1.1\r\nX: y\r\n" + kSubscribe);
    ASSERT_EQ(connection.learned.mining.size(), 1u);
}

TEST(Inspector, TinySegmentsDoNotUseUpThePatience) {
    Rig rig;
    Dialogue connection(rig);
    for (unsigned i = 0; i < 30; ++i) {
        connection.up("x\n");
    }
    EXPECT_FALSE(connection.settled(kUp));
    EXPECT_TRUE(connection.up(kSubscribe));
}

TEST(Inspector, ADirectionThatIsNoProtocolLeavesTheOtherOpen) {
    Rig rig;
    Dialogue connection(rig);
    for (unsigned i = 0; i < 8; ++i) {
        connection.down("some greeting" + std::string(300, 'g'));
    }
    EXPECT_TRUE(connection.settled(kDown));
    EXPECT_FALSE(connection.settled(kUp));
    EXPECT_EQ(rig.counters->inspections_active.get(), 1u);
    EXPECT_TRUE(connection.up(kSubscribe));
    EXPECT_TRUE(connection.settled());
    EXPECT_EQ(rig.counters->inspections_active.get(), 0u);
}

TEST(Inspector, JsonThatIsNotMiningIsLeftAloneInTheEnd) {
    Rig rig;
    Dialogue connection(rig);
    std::string many;
    for (unsigned i = 0; i < 300; ++i) {
        many += "{\"jsonrpc\":\"2.0\",\"method\":\"ping\",\"id\":" + std::to_string(i) + "}\n";
    }
    connection.up(many);
    EXPECT_TRUE(connection.settled(kUp));
    EXPECT_TRUE(connection.learned.mining.empty());
}

TEST(Inspector, ARetransmissionIsNotReadTwice) {
    Rig rig;
    Dialogue connection(rig);
    const std::string first = kSubscribe.substr(0, 20);
    const std::uint32_t start = connection.next(kUp);
    connection.up(first);
    connection.at(kUp, start, first);
    EXPECT_EQ(rig.counters->retransmitted_segments.get(), 1u);
    // An overlap: the last ten bytes again, then the rest.
    connection.at(kUp, start + 10, kSubscribe.substr(10));
    ASSERT_EQ(connection.learned.mining.size(), 1u);
    EXPECT_EQ(connection.learned.mining[0].agent, "rig/1.0");
    EXPECT_EQ(rig.counters->stream_gaps.get(), 0u);
}

TEST(Inspector, BehindAHoleReadingStartsAtTheNextMessage) {
    Rig rig;
    Dialogue connection(rig);
    connection.up("{\"jsonrpc\":\"2.0\",\"method\":\"ping\",\"par");
    connection.miss(kUp, 500);
    connection.acknowledge(kUp);
    EXPECT_FALSE(connection.up("ams\":[1,2,3]}\n"));
    EXPECT_EQ(rig.counters->stream_gaps.get(), 1u);
    EXPECT_TRUE(connection.up(kSubscribe));
    EXPECT_EQ(connection.learned.mining.size(), 1u);
}

TEST(Inspector, AHoleThatTheReceiverHasTooIsWaitedFor) {
    Rig rig;
    Dialogue connection(rig);
    const std::uint32_t start = connection.next(kUp);
    connection.miss(kUp, 20);
    EXPECT_FALSE(connection.up(kSubscribe.substr(20)));
    EXPECT_TRUE(connection.at(kUp, start, kSubscribe.substr(0, 20)));
    EXPECT_EQ(rig.counters->stream_gaps.get(), 0u);
    EXPECT_EQ(rig.counters->stream_held_segments.get(), 1u);
}

TEST(Inspector, AHoleInOneDirectionDoesNotDisturbTheOther) {
    Rig rig;
    Dialogue connection(rig);
    connection.up(kSubscribe.substr(0, 20));
    connection.miss(kDown, 9);
    connection.down("something\n");
    EXPECT_TRUE(connection.up(kSubscribe.substr(20)));
}

TEST(Inspector, AStreamJoinedInTheMiddleIsReadFromItsNextMessage) {
    Rig rig;
    Dialogue connection(rig, false);
    EXPECT_FALSE(connection.up("\"params\":[\"x\"]}\n"));
    EXPECT_FALSE(connection.up("{\"id\":3,\"method\":\"unknown\",\"params\":[]}\n"));
    EXPECT_TRUE(connection.up(kAuthorize));
    ASSERT_EQ(connection.learned.mining.size(), 1u);
    EXPECT_EQ(connection.learned.mining[0].login, "wallet.rig1");
}

TEST(Inspector, MidStreamTheTailOfAMessageAndANewOneMayShareASegment) {
    Rig rig;
    Dialogue connection(rig, false);
    EXPECT_TRUE(connection.up("\"params\":[\"x\"]}\n" + kAuthorize));
}

TEST(Inspector, WithoutAFreeStateAFlowIsCountedOnceAndTriedAgain) {
    Rig rig(1);
    Dialogue first(rig);
    Dialogue second(rig);
    first.up("{\"id\":1");
    EXPECT_EQ(rig.counters->inspections_active.get(), 1u);
    EXPECT_FALSE(second.up("GET / HT"));
    EXPECT_FALSE(second.up("TP/1.1\r\n\r\n"));
    EXPECT_EQ(rig.counters->inspection_exhausted.get(), 1u) << "flows, not packets";
    rig.inspector.forget(first.flow);
    EXPECT_EQ(rig.counters->inspections_active.get(), 0u);
    EXPECT_TRUE(second.up(kSubscribe)) << "a state is free again";
    EXPECT_EQ(rig.counters->inspections_active.get(), 0u);
}

// While no state was free, the passing bytes are a hole in the stream. The later state must not
// take the middle of a message for a connection's first bytes and give up.
TEST(Inspector, AFlowThatWaitedForAStateIsReadAsJoinedInTheMiddle) {
    Rig rig(1);
    Dialogue first(rig);
    Dialogue second(rig);
    first.up("{\"id\":1");
    second.up(kSubscribe.substr(0, 30));
    rig.inspector.forget(first.flow);
    second.up(kSubscribe.substr(30));
    for (unsigned i = 0; i < 6; ++i) {
        second.up("\"some\":\"middle\"}\n");
    }
    EXPECT_TRUE(second.up(kAuthorize));
}

TEST(Inspector, ForgettingTwiceIsForgettingOnce) {
    Rig rig(2);
    Dialogue connection(rig);
    connection.up("{");
    rig.inspector.forget(connection.flow);
    rig.inspector.forget(connection.flow);
    EXPECT_EQ(rig.counters->inspections_active.get(), 0u);
    Dialogue a(rig), b(rig);
    a.up("{");
    b.up("{");
    EXPECT_EQ(rig.counters->inspections_active.get(), 2u);
    EXPECT_NE(a.flow.inspection, b.flow.inspection);
}

TEST(Inspector, StatesDoNotLeak) {
    Rig rig(4);
    const std::string texts[] = {kSubscribe, client_hello("a.example"), kLogin,
                                 "GET / HTTP/1.1\r\n"};
    for (unsigned i = 0; i < 100; ++i) {
        Dialogue connection(rig, i % 3 != 0);
        connection.up(texts[i % 4]);
        connection.down("x\n");
        rig.inspector.forget(connection.flow);
        ASSERT_EQ(rig.counters->inspections_active.get(), 0u);
    }
    EXPECT_EQ(rig.counters->inspection_exhausted.get(), 0u);
}

}  // namespace
}  // namespace minerwall::inspect

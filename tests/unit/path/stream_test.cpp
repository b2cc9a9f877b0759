// Evasion inside streams: we judge what the receiving application would read, and a complete mining
// message never reaches it.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "stream_fixture.hpp"
#include "support/messages.hpp"

namespace minerwall::path {
namespace {

using packet::kTcpRst;
using packet::kTcpSyn;
using test::kLogin;
using test::kNotify;

class StreamTest : public StreamFixture {};

TEST_F(StreamTest, OneByteSegmentsBackwards) {
    peers.open();
    for (std::size_t i = kLogin.size(); i-- > 0;) {
        peers.up(i, part(i, 1));
    }
    EXPECT_TRUE(cut());
    EXPECT_EQ(peers.has_read(0), "") << "the segment that fills the hole is dropped";
    EXPECT_GE(rig.counters().stream_held_segments.get(), kLogin.size() - 1);
}

TEST_F(StreamTest, EveryCutInBothOrders) {
    // The message is complete without its line end, too.
    for (std::size_t at = 1; at + 1 < kLogin.size(); ++at) {
        Rig one(kResetMining);
        Peers pair(one);
        pair.open();
        if (at % 2 == 0) {
            EXPECT_TRUE(pair.up(at, part(at)));
            EXPECT_FALSE(pair.up(0, part(0, at))) << "cut at " << at;
        } else {
            EXPECT_TRUE(pair.up(0, part(0, at)));
            EXPECT_FALSE(pair.up(at, part(at))) << "cut at " << at;
        }
        EXPECT_FALSE(pair.reads(0, kLogin));
    }
}

TEST_F(StreamTest, ShuffledWithOverlapsAndRepetitions) {
    std::mt19937 random(7);
    for (unsigned round = 0; round < 50; ++round) {
        Rig one(kResetMining);
        Peers pair(one, static_cast<std::uint32_t>(random()), static_cast<std::uint32_t>(random()));
        pair.open();
        std::vector<std::pair<std::size_t, std::size_t>> pieces;
        for (std::size_t at = 0; at < kLogin.size();) {
            const std::size_t n = 1 + random() % 20;
            const std::size_t back = std::min<std::size_t>(at, random() % 6);
            pieces.emplace_back(at - back, n + back);
            pieces.emplace_back(at, n);
            at += n;
        }
        std::shuffle(pieces.begin(), pieces.end(), random);
        for (const auto& [offset, n] : pieces) {
            pair.up(offset, part(offset, n));
            if (random() % 3 == 0) {
                pair.ack(0);
            }
        }
        EXPECT_FALSE(pair.reads(0, kLogin)) << "round " << round;
        EXPECT_GE(one.dropped(Reason::policy_reset), 1u) << "round " << round;
        EXPECT_EQ(one.dropped(Reason::stream_conflict), 0u) << "round " << round;
    }
}

TEST_F(StreamTest, TheServersHalfIsReadTheSameWay) {
    may_read_ = true;
    peers.open();
    const std::string_view notify = kNotify;
    EXPECT_TRUE(peers.down(20, notify.substr(20)));
    EXPECT_FALSE(peers.down(0, notify.substr(0, 20)));
    EXPECT_FALSE(peers.reads(1, kNotify));
}

// The protocol of a first segment must not hide what follows in it.
TEST_F(StreamTest, ADecoyInTheSameSegmentHidesNothing) {
    using namespace std::string_literals;
    const std::string version = "\xf9\xbe\xb4\xd9version\0\0\0\0\0\x66\0\0\0"s;
    for (const std::string& before :
         {"hello\n"s, "\x16\x03\x01\x01\x05zzzzz\n"s, "\x15\x03\x01\x40\x05\n"s,
          "\0\0\0\x10\0\0\0\x02\0\x02\0\0\0\0\0\xff\n"s, version + "\n", "\x05\x01\x07zz\n"s,
          "HTTP/1.1 200 OK\r\n\r\n"s, "GET / HTTP/1.1\r\n\r\n"s}) {
        Rig one(kResetMining);
        Peers pair(one);
        pair.open();
        EXPECT_FALSE(pair.up(0, before + kLogin)) << before;
        one.end_flows();
        Rig two(kResetMining);
        Peers apart(two);
        apart.open();
        apart.up(0, before);
        apart.ack(0);
        apart.up(before.size(), part(0, 30));
        apart.ack(0);
        EXPECT_FALSE(apart.up(before.size() + 30, part(30))) << before;
        two.end_flows();
    }
}

TEST_F(StreamTest, WhatAHoleHeldIsToldThoughTheSegmentIsAConflict) {
    peers.open();
    peers.up(1, part(1));
    peers.lie_about_ack = 1;  // the first byte went another way
    peers.ack(0);
    peers.lie_about_ack = 0;
    peers.up(11, "XXXXXXXX");
    EXPECT_FALSE(peers.up(kLogin.size(), "{\"id\":9,\"method\":\"mining.extranonce\"}\n"));
    may_read_ = true;
}

// More names than fit into one packet's evidence.
TEST_F(StreamTest, NoNameOfWhatAHoleHeldIsLeftOut) {
    may_read_ = true;
    const auto question = [](const std::string& name) {
        const std::string message = test::dns_message(name);
        return std::string(1, '\0') + static_cast<char>(message.size()) + message;
    };
    const std::string first = question("a.example");
    std::string rest;
    for (int i = 100; i < 260; ++i) {
        rest += question("n" + std::to_string(i) + ".example");
    }
    for (const unsigned which : {0u, 1u, 2u, 3u}) {
        const bool pool = (which & 1) != 0, at_first = (which & 2) != 0;
        Rig named(rule("dns_name = \"@pools\"", "drop"));
        Peers pair(named);
        pair.server_port = 53;
        pair.open();
        const std::string last = question(pool ? "eu.pool.example" : "www.example");
        const std::string all = at_first ? last + rest : rest + last;
        for (std::size_t at = 0; at < all.size(); at += 1000) {
            pair.up(first.size() + at, std::string_view(all).substr(at, 1000));
        }
        bool passed = false;
        for (int i = 0; i < 4 && !passed; ++i) {
            passed = pair.up(0, first);
        }
        EXPECT_EQ(passed, !pool);
        EXPECT_EQ(pair.has_read(0).size(), pool ? 0 : first.size() + all.size());
    }
}

// In observe mode everything passes, even contradictory bytes.
TEST_F(StreamTest, WhereThePolicyObservesNothingIsDropped) {
    may_read_ = true;
    Rig one(kResetMining, {}, "observe");
    Peers pair(one);
    pair.open();
    EXPECT_TRUE(pair.up(0, decoy_));
    EXPECT_TRUE(pair.up(0, kLogin)) << "other bytes under the same numbers";
    EXPECT_TRUE(pair.send(0, 900'000, decoy_, {.flags = kTcpSyn}));
}

TEST_F(StreamTest, ThousandsOfHolesThatTheReceiverHasAreOneGap) {
    may_read_ = true;
    peers.open({.scale = 4}, {.scale = 4});
    constexpr std::size_t kMost = 2000;
    for (std::size_t at = 1; at < kMost; at += 2) {
        peers.up(at, "x");
    }
    peers.lie_about_ack = kMost;
    peers.ack(0);
    peers.lie_about_ack = 0;
    EXPECT_TRUE(peers.up(kMost, "y"));
    EXPECT_LT(rig.counters().stream_gaps.get(), 100u);
}

TEST_F(StreamTest, SequenceNumbersWrapInTheMessage) {
    for (std::uint32_t back = 0; back < kLogin.size(); back += 7) {
        Rig one(kResetMining);
        Peers pair(one, 0u - back - 2, 0xffffffff);
        pair.open();
        pair.up(60, part(60));
        pair.up(10, part(10, 50));
        EXPECT_FALSE(pair.up(0, part(0, 10))) << back;
    }
}

TEST_F(StreamTest, AResetCarriesTheHolesNumber) {
    peers.open();
    peers.up(30, part(30));
    rig.put(Rig::kClientSide, peers.build(0, 1001, part(0, 30), {}));
    rig.turn();
    const std::vector<Buffer> out = rig.take(Rig::kServerSide);
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(parse(out[0]).tcp_seq, 1001u);
    EXPECT_NE(parse(out[0]).tcp_flags & kTcpRst, 0);
}

}  // namespace
}  // namespace minerwall::path

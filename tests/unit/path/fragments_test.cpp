// Datagrams in pieces: each piece is forwarded at once and unchanged, and the one that completes
// the datagram carries the verdict.
#include <gtest/gtest.h>

#include <algorithm>

#include "fragment_traffic.hpp"

namespace minerwall::path {
namespace {

TEST(Fragments, AMiningMessageIsCutByItsLastPieceInEveryOrder) {
    for (const Ends& ends : kEnds) {
        SCOPED_TRACE(ends.name);
        Rig rig(kResetMining);
        std::vector<unsigned> order = {0, 1, 2};
        std::uint16_t port = 40000;
        do {
            Talk talk(ends.client, ends.server, ++port, 8080);
            talk.open(rig);
            const Fragmenter fragments(talk.up(test::kLogin), port);
            const std::vector<Buffer> pieces = fragments.pieces(48);
            ASSERT_EQ(pieces.size(), 3u);
            ASSERT_TRUE(rig.forwarded(0, pieces[order[0]]));
            ASSERT_TRUE(rig.forwarded(0, pieces[order[1]]));
            EXPECT_TRUE(rig.events_of(event::Kind::detection).empty());
            const std::vector<Buffer> for_server = rig.pass(0, pieces[order[2]]);
            const std::vector<Buffer> for_client = rig.take(0);
            ASSERT_EQ(for_server.size(), 1u);
            ASSERT_EQ(for_client.size(), 1u);
            EXPECT_EQ(parse(for_server[0]).tcp_flags & packet::kTcpRst, packet::kTcpRst);
            EXPECT_EQ(parse(for_client[0]).tcp_flags & packet::kTcpRst, packet::kTcpRst);
            EXPECT_FALSE(parse(for_server[0]).is_fragment());
            EXPECT_EQ(parse(for_server[0]).src_port, port);
            const auto told = rig.events_of(event::Kind::detection);
            ASSERT_EQ(told.size(), 1u);
            EXPECT_EQ(told[0].mining.method.view(), "login");
        } while (std::next_permutation(order.begin(), order.end()));
        EXPECT_EQ(rig.counters().datagrams_reassembled.get(), 6u);
        EXPECT_EQ(rig.counters().fragments.get(), 18u);
        EXPECT_EQ(rig.dropped(Reason::policy_reset), 6u);
    }
}

TEST(Fragments, AQuestionInPiecesIsAnsweredByUs) {
    for (const Ends& ends : kEnds) {
        SCOPED_TRACE(ends.name);
        Rig rig(kSinkhole);
        const Fragmenter fragments(question(ends, "eu.pool.example"));
        const std::vector<Buffer> pieces = fragments.pieces(16);
        for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
            ASSERT_TRUE(rig.forwarded(0, pieces[i]));
        }
        EXPECT_TRUE(rig.pass(0, pieces.back()).empty());
        const std::vector<Buffer> answer = rig.take(0);
        ASSERT_EQ(answer.size(), 1u);
        const packet::Frame got = parse(answer[0]);
        EXPECT_TRUE(got.is_udp());
        EXPECT_FALSE(got.is_fragment());
        EXPECT_EQ(got.src_port, 53);
        EXPECT_EQ(got.dst_port, 40000);
        EXPECT_EQ(rig.dropped(Reason::policy_sinkhole), 1u);
    }
}

TEST(Fragments, SendingTheDroppedPieceAgainDoesNotHelp) {
    for (const Ends& ends : kEnds) {
        Rig rig(kSinkhole);
        const Fragmenter fragments(question(ends, "eu.pool.example"));
        const std::vector<Buffer> pieces = fragments.pieces(24);
        for (const Buffer& piece : pieces) {
            (void)rig.pass(0, piece);
        }
        EXPECT_EQ(rig.take(0).size(), 1u);
        for (unsigned n = 0; n < 12; ++n) {
            rig.now += 5 * kNanosPerSecond;
            EXPECT_TRUE(rig.pass(0, pieces[n % pieces.size()]).empty());
        }
        rig.now += 70 * kNanosPerSecond;
        EXPECT_TRUE(rig.forwarded(0, pieces.back())) << "no receiver waits for it any more";
    }
}

TEST(Fragments, WhatIsHarmlessPassesBitByBit) {
    for (const Ends& ends : kEnds) {
        Rig rig(kSinkhole);
        const std::string large(9000, 'x');
        const std::vector<Buffer> pieces =
            Fragmenter(frame(ends).udp(5000, 6000).payload(large)).pieces(1400);
        for (const Buffer& piece : pieces) {
            ASSERT_TRUE(rig.forwarded(0, piece));
        }
        EXPECT_EQ(rig.counters().datagrams_reassembled.get(), 1u);
        EXPECT_EQ(rig.counters().flows_created.get(), 1u);
        rig.end_flows();
        const auto flows = rig.events_of(event::Kind::flow_end);
        ASSERT_EQ(flows.size(), 1u);
        EXPECT_EQ(flows[0].client_port, 5000);
    }
}

TEST(Fragments, PiecesWithoutTheirDatagramHaveNoFlow) {
    Rig rig(kResetMining);
    const Fragmenter fragments(question(kEnds[0], "eu.pool.example"));
    EXPECT_TRUE(rig.forwarded(0, fragments.piece(0, 16)));
    EXPECT_TRUE(rig.forwarded(0, fragments.piece(24, 8)));
    EXPECT_EQ(rig.counters().flows_created.get(), 0u);
    EXPECT_EQ(rig.counters().untracked_packets.get(), 2u);
}

TEST(Fragments, AnotherCopyWithOtherBytesIsDroppedAndTheDatagramWithIt) {
    for (const Ends& ends : kEnds) {
        Rig rig(kSinkhole);
        const Fragmenter evil(question(ends, "eu.pool.example"));
        const Fragmenter decoy(question(ends, "eu.cool.example"));
        EXPECT_TRUE(rig.forwarded(0, decoy.piece(0, 16)));
        EXPECT_TRUE(rig.forwarded(0, decoy.piece(16, 16)));
        EXPECT_TRUE(rig.pass(0, evil.piece(16, 16)).empty());
        EXPECT_TRUE(rig.pass(0, evil.piece(32, evil.size() - 32)).empty());
        EXPECT_TRUE(rig.pass(0, evil.piece(0, 16)).empty());
        EXPECT_EQ(rig.dropped(Reason::fragment_conflict), 3u);
    }
}

TEST(Fragments, ADecoyThatDiesBehindUsIsNotReplaced) {
    Rig rig(kSinkhole);
    const Fragmenter evil(question(kEnds[0], "eu.pool.example"));
    const Fragmenter decoy(question(kEnds[0], "eu.cool.example"));
    // Judged harmless and forwarded, but the middle piece does not reach the server.
    EXPECT_TRUE(rig.forwarded(0, decoy.piece(0, 16)));
    EXPECT_TRUE(rig.forwarded(0, decoy.piece(16, 16)));
    EXPECT_TRUE(rig.forwarded(0, decoy.piece(32, decoy.size() - 32)));
    EXPECT_TRUE(rig.pass(0, evil.piece(16, 16)).empty());
    EXPECT_EQ(rig.dropped(Reason::fragment_conflict), 1u);
}

TEST(Fragments, WhatNoReceiverTakesIsForwardedAndForgotten) {
    Rig rig(kSinkhole);
    const Fragmenter evil(question(kEnds[0], "eu.pool.example"));
    const Fragmenter decoy(question(kEnds[0], "eu.cool.example"));
    Buffer broken = decoy.piece(0, 24);
    broken[24] ^= 1;  // the header's checksum
    EXPECT_TRUE(rig.forwarded(0, broken));
    EXPECT_EQ(rig.counters().bad_checksums.get(), 1u);
    EXPECT_TRUE(rig.forwarded(0, decoy.piece(65528, Buffer(64, 1), false))) << "too long";
    const Fragmenter six(question(kEnds[1], "eu.pool.example"));
    EXPECT_TRUE(rig.forwarded(0, six.piece(0, Buffer(13, 1), true))) << "not a multiple of 8";
    EXPECT_TRUE(rig.forwarded(0, six.piece(0, Buffer(), true))) << "empty";
    EXPECT_TRUE(rig.forwarded(0, evil.piece(0, 24)));
    EXPECT_TRUE(rig.pass(0, evil.piece(24, evil.size() - 24)).empty()) << "judged nevertheless";
    EXPECT_EQ(rig.dropped(Reason::policy_sinkhole), 1u);
}

TEST(Fragments, TinyFirstPiecesHideNothing) {
    Rig rig(kResetMining);
    Talk talk;
    talk.open(rig);
    const Fragmenter fragments(talk.up(test::kSubscribe));
    const std::vector<Buffer> pieces = fragments.pieces(8);  // the TCP header is in three of them
    for (std::size_t i = pieces.size() - 1; i > 0; --i) {
        ASSERT_TRUE(rig.forwarded(0, pieces[i]));
    }
    EXPECT_EQ(rig.pass(0, pieces[0]).size(), 1u) << "a reset";
    EXPECT_EQ(rig.dropped(Reason::policy_reset), 1u);
    EXPECT_EQ(rig.take(0).size(), 1u);
}

TEST(Fragments, ATcpMessagePartlyInPiecesIsOneStream) {
    Rig rig(kResetMining);
    Talk talk;
    talk.open(rig);
    EXPECT_TRUE(rig.forwarded(0, talk.up(test::kSubscribe.substr(0, 20))));
    const std::vector<Buffer> pieces = Fragmenter(talk.up(test::kSubscribe.substr(20))).pieces(24);
    for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
        ASSERT_TRUE(rig.forwarded(0, pieces[i]));
    }
    EXPECT_EQ(rig.pass(0, pieces.back()).size(), 1u);
    EXPECT_EQ(rig.dropped(Reason::policy_reset), 1u);
    (void)rig.take(0);
}

TEST(Fragments, ABadChecksumOfTheWholeIsNotBelieved) {
    Rig rig(kSinkhole);
    const Buffer wrong = frame(kEnds[0])
                             .udp(40000, 53)
                             .payload(test::dns_message("eu.pool.example"))
                             .wrong_l4_checksum(0x1234);
    for (const Buffer& piece : Fragmenter(wrong).pieces(24)) {
        EXPECT_TRUE(rig.forwarded(0, piece));
    }
    EXPECT_EQ(rig.counters().bad_checksums.get(), 1u);
}

// If a burst reuses ports, its rest is processed again, and with it a datagram.
TEST(Fragments, ADatagramBehindAPortsReuseIsJudgedOnce) {
    Rig rig(kSinkhole);
    Talk old;
    old.open(rig);
    Talk again;
    again.client_seq = 0x70000000;
    const Fragmenter fragments(question(kEnds[0], "eu.pool.example"));
    rig.put(0, old.up("hello"));
    rig.put(0, old.up("", packet::kTcpAck | packet::kTcpRst));
    rig.put(0, again.syn());
    rig.put(0, fragments.piece(0, 24));
    rig.put(0, fragments.piece(24, fragments.size() - 24));
    rig.turn();
    EXPECT_EQ(rig.take(1).size(), 4u);
    EXPECT_EQ(rig.take(0).size(), 1u);
    EXPECT_EQ(rig.counters().fragments.get(), 2u);
    EXPECT_EQ(rig.dropped(Reason::policy_sinkhole), 1u);
}

}  // namespace
}  // namespace minerwall::path

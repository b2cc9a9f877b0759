// Datagrams in pieces: each piece is forwarded at once and unchanged, and the one that completes
// the datagram carries the verdict.
#include <gtest/gtest.h>
#include <rte_mempool.h>

#include "rig.hpp"
#include "support/fragmenter.hpp"
#include "support/messages.hpp"

namespace minerwall::path {
namespace {

using test::Eth;
using test::Fragmenter;

const std::string kSinkhole = rule("dns_name = \"@pools\"", "sinkhole");

struct Ends {
    const char* name;
    const char* client;
    const char* server;
};
constexpr Ends kEnds[] = {{"IPv4", "10.0.0.1", "192.0.2.9"},
                          {"IPv6", "2001:db8::1", "2001:db8:2::9"}};

Eth frame(const Ends& ends) {
    Eth eth;
    std::string_view(ends.client).find(':') == std::string_view::npos
        ? eth.ipv4(ends.client, ends.server)
        : eth.ipv6(ends.client, ends.server);
    return eth;
}
Buffer question(const Ends& ends, const std::string& name, std::uint16_t port = 40000) {
    return frame(ends).udp(port, 53).payload(test::dns_message(name));
}

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
        EXPECT_TRUE(rig.forwarded(0, pieces.back())) << "nobody waits for it any more";
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

// The largest pieces of an honest sender's host: 1,500 bytes, and IPv6's 1,280.
struct Path {
    Ends ends;
    std::size_t longest;
};
constexpr Path kPaths[] = {{kEnds[0], 1480}, {kEnds[1], 1232}};

Fragmenter large(const Ends& ends, std::size_t length, char fill, std::uint16_t port = 5000) {
    return Fragmenter(frame(ends).udp(port, 6000).payload(std::string(length, fill)));
}
unsigned forwarded(Rig& rig, const std::vector<Buffer>& pieces) {
    unsigned on = 0;
    for (const Buffer& piece : pieces) {
        on += rig.forwarded(0, piece);
    }
    return on;
}

TEST(Fragments, AHostMayUseAnIdentificationAgain) {
    for (const Path& path : kPaths) {
        SCOPED_TRACE(path.ends.name);
        Rig rig(kSinkhole);
        for (std::uint16_t n = 0; n < 6; ++n) {
            const auto pieces =
                large(path.ends, 2500 + 700u * n, static_cast<char>('a' + n), 5000 + n)
                    .pieces(path.longest);
            EXPECT_EQ(forwarded(rig, pieces), pieces.size()) << n;
            rig.now += 20 * kNanosPerMilli;
        }
        EXPECT_EQ(rig.counters().datagrams_reassembled.get(), 6u);
        EXPECT_EQ(rig.counters().flows_created.get(), 6u);
        EXPECT_EQ(rig.dropped(Reason::fragment_conflict), 0u);
    }
}

TEST(Fragments, OneUnderTheSameNameIsJudgedLikeAnyOther) {
    for (const Path& path : kPaths) {
        SCOPED_TRACE(path.ends.name);
        Rig rig(rule("server_port = 7777", "drop"));
        const auto harmless = large(path.ends, 2500, 'a').pieces(path.longest);
        EXPECT_EQ(forwarded(rig, harmless), harmless.size());
        rig.now += 20 * kNanosPerMilli;
        const auto blocked =
            Fragmenter(frame(path.ends).udp(5000, 7777).payload(std::string(2500, 'b')))
                .pieces(path.longest);
        // Send the last piece first: only the one with the ports is recognised.
        for (std::size_t i = blocked.size() - 1; i > 0; --i) {
            EXPECT_TRUE(rig.forwarded(0, blocked[i]));
        }
        EXPECT_TRUE(rig.pass(0, blocked[0]).empty());
        // The verdict is remembered, whichever datagram comes.
        for (unsigned n = 0; n < 6; ++n) {
            rig.now += 10 * kNanosPerSecond;
            EXPECT_EQ(forwarded(rig, blocked), 0u);
            EXPECT_EQ(forwarded(rig, harmless), 0u);
        }
        EXPECT_EQ(rig.dropped(Reason::fragment_conflict), 0u);
        rig.now += 66 * kNanosPerSecond;
        EXPECT_EQ(forwarded(rig, harmless), harmless.size());
    }
}

// If a piece could be lost alone behind us, its datagram is remembered.
TEST(Fragments, AnIdentificationIsNotFreeWherePiecesMayHaveDiedApart) {
    for (const Path& path : kPaths) {
        const bool v4 = path.longest == 1480;
        Fragmenter whole = large(path.ends, 2500, 'a');
        const auto usual = whole.pieces(path.longest);
        const std::size_t l3 = 14;
        std::vector<std::pair<const char*, std::vector<Buffer>>> odd;
        odd.emplace_back("the yardstick", usual);
        const auto replace = [&](const char* what, std::size_t at, const Buffer& piece) {
            odd.emplace_back(what, usual);
            odd.back().second[at] = piece;
        };
        for (std::size_t at = 0; at < usual.size(); ++at) {
            const std::size_t from = at * path.longest;
            const std::size_t n = std::min(path.longest, whole.size() - from);
            replace("TTL", at, Fragmenter(whole).ttl(63).piece(from, n));
            replace("traffic class", at, Fragmenter(whole).traffic_class(3).piece(from, n));
            Buffer link = usual[at];
            link[5] ^= 1;
            replace("another next hop", at, link);
        }
        for (const std::uint16_t bit : {packet::kIpv4DontFragment, std::uint16_t{0x8000}}) {
            Buffer flag = usual[0];
            if (v4) {
                store_be16(flag.data() + l3 + 6, load_be16(flag.data() + l3 + 6) | bit);
                store_be16(flag.data() + l3 + 10, 0);
                const Buffer header(flag.begin() + static_cast<std::ptrdiff_t>(l3),
                                    flag.begin() + static_cast<std::ptrdiff_t>(l3 + 20));
                store_be16(flag.data() + l3 + 10, Eth::checksum(header));
                replace("DF, or the reserved bit", 0, flag);
            }
        }
        odd.emplace_back("longer than any path takes", whole.pieces(path.longest + 8));
        odd.emplace_back("short", std::vector{whole.piece(0, 248), whole.piece(248, path.longest),
                                              whole.piece(248 + path.longest,
                                                          whole.size() - 248 - path.longest)});
        if (v4) {
            odd.emplace_back("options", Fragmenter(frame(path.ends)
                                                       .ip_options({1, 1, 1, 1})
                                                       .udp(5000, 6000)
                                                       .payload(std::string(2500, 'a')))
                                            .pieces(1400));
        } else {
            odd.emplace_back("shorter than old Linux takes", whole.pieces(1224));
        }
        odd.emplace_back("in a tunnel", std::vector<Buffer>());
        for (const Buffer& piece : usual) {
            odd.back().second.push_back(Eth()
                                            .ipv4("198.51.100.1", "198.51.100.2")
                                            .gre(v4 ? packet::kEtherIpv4 : packet::kEtherIpv6,
                                                 Buffer(piece.begin() + 14, piece.end()))
                                            .build());
        }
        for (std::size_t i = 0; i < odd.size(); ++i) {
            const auto& [what, pieces] = odd[i];
            SCOPED_TRACE(std::string(path.ends.name) + ": " + what);
            Rig rig(kSinkhole);
            EXPECT_EQ(forwarded(rig, pieces), pieces.size());
            EXPECT_EQ(rig.counters().datagrams_reassembled.get(), 1u);
            rig.now += kNanosPerSecond;
            Buffer other = pieces[0];
            other.back() ^= 1;
            EXPECT_EQ(rig.forwarded(0, other), i == 0);
            EXPECT_EQ(rig.dropped(Reason::fragment_conflict), i == 0 ? 0u : 1u);
        }
    }
}

// Linux discards a piece when 64 others of its source came after it. Fragments that no receiver
// accepts count too.
TEST(Fragments, AnIdentificationIsNotFreeWhereAPieceLagged) {
    for (const unsigned between : {10u, 70u}) {
        Rig rig(kSinkhole);
        const Fragmenter whole = large(kEnds[0], 2500, 'a');
        EXPECT_TRUE(rig.forwarded(0, whole.piece(0, 1480)));
        for (unsigned n = 0; n < between; ++n) {
            EXPECT_TRUE(rig.forwarded(0, whole.piece(65528, Buffer(64, 1), false)));
        }
        EXPECT_TRUE(rig.forwarded(0, whole.piece(1480, whole.size() - 1480)));
        rig.now += kNanosPerSecond;
        EXPECT_EQ(rig.forwarded(0, large(kEnds[0], 2500, 'b').piece(0, 1480)), between == 10);
    }
}

TEST(Fragments, CopiesOfADatagramOfAnyNumberOfPiecesPass) {
    for (const Path& path : kPaths) {
        for (const std::size_t count : {12u, 44u}) {
            Rig rig(kSinkhole);
            const auto pieces =
                large(path.ends, path.longest * count - 100, 'a').pieces(path.longest);
            ASSERT_EQ(pieces.size(), count);
            for (unsigned copy = 0; copy < 3; ++copy) {
                EXPECT_EQ(forwarded(rig, pieces), count) << copy;
            }
            EXPECT_EQ(rig.counters().datagrams_reassembled.get(), 1 + 2 * count);
            EXPECT_EQ(rig.dropped(Reason::fragment_conflict), 0u);
        }
    }
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
    EXPECT_TRUE(rig.forwarded(0, six.piece(0, Buffer(13, 1), true))) << "no multiple of 8";
    EXPECT_TRUE(rig.forwarded(0, six.piece(0, Buffer(), true))) << "empty";
    EXPECT_TRUE(rig.forwarded(0, evil.piece(0, 24)));
    EXPECT_TRUE(rig.pass(0, evil.piece(24, evil.size() - 24)).empty()) << "judged all the same";
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

TEST(Fragments, ExtensionHeadersBeforeAndBehindTheFragmentHeader) {
    Rig rig(kSinkhole);
    const std::string message = test::dns_message("eu.pool.example");
    Eth inner;
    inner.ipv6("2001:db8::1", "2001:db8::53").destination().udp(40000, 53).payload(message);
    // The datagram's data begins with a destination options header; each piece has a hop-by-hop
    // header before its fragment header.
    const Fragmenter whole(inner);
    const auto piece = [&](std::uint16_t from, std::size_t n) {
        return Eth()
            .ipv6("2001:db8::1", "2001:db8::53")
            .hop_by_hop()
            .fragment(from, from + n < whole.size(), 99)
            .proto(packet::kProtoDestination)
            .payload(whole.slice(from, n))
            .build();
    };
    EXPECT_TRUE(rig.forwarded(0, piece(24, whole.size() - 24)));
    EXPECT_TRUE(rig.forwarded(0, piece(0, 8)));
    EXPECT_TRUE(rig.pass(0, piece(8, 16)).empty());
    EXPECT_EQ(rig.take(0).size(), 1u);
    EXPECT_EQ(rig.dropped(Reason::policy_sinkhole), 1u);
}

TEST(Fragments, OptionsTagsAndPppoeAreNoHidingPlace) {
    const std::string message = test::dns_message("eu.pool.example");
    const auto ask = [&](Eth& link) {
        return link.ipv4("10.0.0.1", "192.0.2.53").udp(40000, 53).payload(message).build();
    };
    const std::vector<Buffer> frames = {ask(Eth().vlan(5)),
                                        ask(Eth().vlan(5, packet::kEtherServiceVlan).vlan(6)),
                                        ask(Eth().pppoe(9)), ask(Eth().mpls(17)),
                                        Eth()
                                            .ipv4("10.0.0.1", "192.0.2.53")
                                            .ip_options({1, 1, 1, 1})
                                            .udp(40000, 53)
                                            .payload(message)};
    for (const Buffer& one : frames) {
        Rig rig(kSinkhole);
        Fragmenter fragments(one);
        Buffer last = fragments.piece(24, fragments.size() - 24);
        Buffer first = fragments.piece(0, 24);
        if (parse(one).flags & packet::kPppoe) {
            for (Buffer* p : {&first, &last}) {
                store_be16(p->data() + 18, static_cast<std::uint16_t>(p->size() - 20));
            }
        }
        ASSERT_TRUE(rig.forwarded(0, last));
        EXPECT_TRUE(rig.pass(0, first).empty());
        EXPECT_EQ(rig.dropped(Reason::policy_sinkhole), 1u);
        (void)rig.take(0);
    }
}

TEST(Fragments, ATunnelInPiecesAndPiecesInATunnel) {
    const std::string message = test::dns_message("eu.pool.example");
    const Eth inner = Eth().ipv4("10.0.0.1", "192.0.2.53").udp(40000, 53).payload(message);
    {
        Rig rig(kSinkhole);
        const Fragmenter outer(Eth().ipv4("198.51.100.1", "198.51.100.2").gre(inner).build());
        ASSERT_TRUE(rig.forwarded(0, outer.piece(0, 32)));
        EXPECT_TRUE(rig.pass(0, outer.piece(32, outer.size() - 32)).empty());
        EXPECT_EQ(rig.dropped(Reason::policy_sinkhole), 1u);
        (void)rig.take(0);
    }
    {
        Rig rig(kSinkhole);
        std::vector<Buffer> carried;
        for (const Buffer& piece : Fragmenter(inner.build()).pieces(32)) {
            const Buffer packet(piece.begin() + 14, piece.end());
            carried.push_back(
                Eth().ipv4("198.51.100.1", "198.51.100.2").gre(packet::kEtherIpv4, packet).build());
        }
        ASSERT_EQ(carried.size(), 2u);
        ASSERT_TRUE(rig.forwarded(0, carried[1]));
        EXPECT_TRUE(rig.pass(0, carried[0]).empty());
        EXPECT_EQ(rig.dropped(Reason::policy_sinkhole), 1u);
        (void)rig.take(0);
        // Both at once: each piece of the inner packet comes in pieces of the outer packet.
        std::uint32_t id = 500;
        for (std::size_t i = 0; i < carried.size(); ++i) {
            Rig& b = rig;
            b.now += 100 * kNanosPerSecond * (i == 0 ? 1 : 0);
            const Fragmenter outer(carried[i], ++id);
            ASSERT_TRUE(b.forwarded(0, outer.piece(0, 24)));
            const std::vector<Buffer> out = b.pass(0, outer.piece(24, outer.size() - 24));
            EXPECT_EQ(out.size(), i == 0 ? 1u : 0u);
        }
        EXPECT_EQ(rig.dropped(Reason::policy_sinkhole), 2u);
        (void)rig.take(0);
    }
}

TEST(Fragments, SegmentsMayCutAFragmentAnywhere) {
    const Fragmenter fragments(question(kEnds[0], "eu.pool.example"));
    const Buffer first = fragments.piece(0, 24);
    const Buffer last = fragments.piece(24, fragments.size() - 24);
    for (std::size_t cut = 1; cut < last.size(); ++cut) {
        Rig rig(kSinkhole);
        EXPECT_TRUE(rig.forwarded(0, first, {std::min(cut, first.size() - 1)}));
        EXPECT_TRUE(rig.pass(0, last, {cut}).empty());
        EXPECT_EQ(rig.take(0).size(), 1u);
    }
}

TEST(Fragments, TheLongestDatagramOfTheSmallestPieces) {
    Rig rig(kSinkhole);
    const Fragmenter fragments(frame(kEnds[0]).udp(5000, 6000).payload(std::string(65507, 'x')));
    const std::vector<Buffer> pieces = fragments.pieces(8);
    for (std::size_t i = 0; i < pieces.size(); i += 32) {
        const std::size_t n = std::min<std::size_t>(32, pieces.size() - i);
        for (std::size_t k = 0; k < n; ++k) {
            rig.put(0, pieces[i + k]);
        }
        rig.turn();
        ASSERT_EQ(rig.take(1).size(), n);
    }
    EXPECT_EQ(rig.counters().datagrams_reassembled.get(), 1u);
    EXPECT_EQ(rig.counters().flows_created.get(), 1u);
}

TEST(Fragments, WithoutBuffersForTheCopyTheDeclaredBehaviourHolds) {
    for (const bool drop : {false, true}) {
        RigOptions options;
        options.worker.fragments.drop_when_full = drop;
        Rig rig(kSinkhole, options);
        std::vector<rte_mbuf*> all(machine::PoolOptions{}.reassembled);
        rte_mempool* pool = test_pools().reassembled();
        while (!all.empty() &&
               rte_pktmbuf_alloc_bulk(pool, all.data(), static_cast<unsigned>(all.size())) != 0) {
            all.pop_back();
        }
        const Fragmenter fragments(question(kEnds[0], "eu.pool.example"));
        EXPECT_TRUE(rig.forwarded(0, fragments.piece(0, 24)));
        const auto out = rig.pass(0, fragments.piece(24, fragments.size() - 24));
        EXPECT_EQ(out.size(), drop ? 0u : 1u);
        EXPECT_EQ(rig.counters().fragment_table_full.get(), 1u);
        EXPECT_EQ(rig.dropped(Reason::fragment_memory_full), drop ? 1u : 0u);
        rte_pktmbuf_free_bulk(all.data(), static_cast<unsigned>(all.size()));
    }
}

TEST(Fragments, AForgottenDatagramIsForwardedUnjudgedOrDroppedAsDeclared) {
    for (const bool drop : {false, true}) {
        RigOptions options;
        options.worker.fragments.limits.datagrams = 8;
        options.worker.fragments.drop_when_full = drop;
        Rig rig(kSinkhole, options);
        const Fragmenter fragments(question(kEnds[0], "eu.pool.example"));
        EXPECT_TRUE(rig.forwarded(0, fragments.piece(0, 24)));
        for (unsigned n = 0; n < 8; ++n) {  // of eight other sources
            EXPECT_TRUE(rig.forwarded(
                0, Fragmenter(Eth()
                                  .ipv4("10.9.0." + std::to_string(n + 1), "192.0.2.9")
                                  .udp(1, 2)
                                  .payload(std::string(64, 'x')))
                       .piece(0, 16)));
        }
        const auto out = rig.pass(0, fragments.piece(24, fragments.size() - 24));
        EXPECT_EQ(out.size(), drop ? 0u : 1u);
        EXPECT_EQ(rig.dropped(Reason::fragment_memory_full), drop ? 1u : 0u);
        // Such a datagram lets no others pass: a new one is judged.
        const Fragmenter other(question(kEnds[0], "eu.pool.example"), 8);
        EXPECT_TRUE(rig.forwarded(0, other.piece(0, 24)));
        EXPECT_TRUE(rig.pass(0, other.piece(24, other.size() - 24)).empty());
        (void)rig.take(0);
    }
}

TEST(Fragments, WhatIsNeverCompletedExpires) {
    Rig rig(kSinkhole);
    const Fragmenter fragments(question(kEnds[0], "eu.pool.example"));
    EXPECT_TRUE(rig.forwarded(0, fragments.piece(0, 24)));
    rig.now += 66 * kNanosPerSecond;
    rig.turn();
    EXPECT_EQ(rig.counters().fragments_expired.get(), 1u);
    EXPECT_EQ(rig.worker().context().fragments.size(), 0u);
    EXPECT_EQ(rig.worker().context().fragments.blocks_in_use(), 0u);
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

class FragmentsOfTwoWorkers : public testing::TestWithParam<bool> {
  protected:
    static RigOptions options() {
        RigOptions out;
        out.workers = 2;
        out.symmetric_nic = GetParam();
        return out;
    }
};

TEST_P(FragmentsOfTwoWorkers, MeetEachOtherAndTheirFlowWhereverTheyComeIn) {
    Rig rig(kResetMining, options());
    const auto settle = [&] {
        for (unsigned n = 0; n < 4; ++n) {
            rig.turn();
        }
    };
    for (std::uint16_t n = 0; n < 32; ++n) {
        Talk talk("10.0.0.1", "192.0.2.9", static_cast<std::uint16_t>(40000 + n), 8080);
        const Buffer syn = talk.syn();
        rig.put(0, syn, {}, rig.queue_of(syn));
        settle();
        const Buffer answer = talk.syn_ack();
        rig.put(1, answer, {}, rig.queue_of(answer));
        settle();
        EXPECT_EQ(rig.take(0).size() + rig.take(1).size(), 2u);
        const std::vector<Buffer> pieces = Fragmenter(talk.up(test::kLogin), n).pieces(48);
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            rig.put(0, pieces[i], {}, static_cast<unsigned>((n + i) % 2));
            settle();
        }
        EXPECT_EQ(rig.take(1).size(), pieces.size()) << "the last one is a reset";
        EXPECT_EQ(rig.take(0).size(), 1u);
        // The dropped piece again, at each queue.
        for (unsigned queue = 0; queue < 2; ++queue) {
            rig.put(0, pieces.back(), {}, queue);
            settle();
            EXPECT_TRUE(rig.take(1).empty()) << n;
            EXPECT_TRUE(rig.take(0).empty()) << n;
        }
    }
    EXPECT_EQ(rig.dropped(Reason::policy_reset), 32u);
    EXPECT_EQ(rig.counters(0).flows_created.get() + rig.counters(1).flows_created.get(), 32u);
    EXPECT_GT(rig.counters(0).datagrams_reassembled.get(), 4u);
    EXPECT_GT(rig.counters(1).datagrams_reassembled.get(), 4u);
}

TEST_P(FragmentsOfTwoWorkers, FullRingsLoseNeitherBuffersNorCount) {
    RigOptions small = options();
    small.handover_ring = 2;  // holds one
    Rig rig(kSinkhole, small);
    for (unsigned n = 0; n < 64; ++n) {
        const Fragmenter fragments(
            question(kEnds[n % 2], "eu.pool.example", static_cast<std::uint16_t>(1024 + n)), n);
        rig.put(0, fragments.piece(0, 24), {}, n % 2);
        rig.put(0, fragments.piece(24, fragments.size() - 24), {}, n % 2);
        if (n % 8 == 7) {
            rig.turn();
        }
    }
    for (unsigned n = 0; n < 70; ++n) {
        rig.turn();
    }
    (void)rig.take(0);
    (void)rig.take(1);
    EXPECT_GT(rig.dropped(Reason::handover_full), 0u);
    EXPECT_GT(rig.dropped(Reason::policy_sinkhole), 0u);
}

TEST_P(FragmentsOfTwoWorkers, WhatWaitsAtTheEndIsFreed) {
    Rig rig(kSinkhole, options());
    for (unsigned n = 0; n < 16; ++n) {
        const Fragmenter fragments(
            question(kEnds[n % 2], "eu.pool.example", static_cast<std::uint16_t>(1024 + n)), n);
        rig.put(0, fragments.piece(0, 24), {}, 0);
        rig.put(0, fragments.piece(24, fragments.size() - 24), {}, 0);
    }
    rig.worker(0).turn(rig.now);
    rig.worker(0).drain_handover();
    rig.worker(1).drain_handover();
    EXPECT_GT(rig.dropped(Reason::shutdown), 0u);
    (void)rig.take(0);
    (void)rig.take(1);
}

INSTANTIATE_TEST_SUITE_P(Nic, FragmentsOfTwoWorkers, testing::Bool(),
                         [](const auto& one) { return one.param ? "Symmetric" : "Plain"; });

}  // namespace
}  // namespace minerwall::path

// Pieces behind all kinds of headers, in tunnels, and cut into mbuf segments.
#include <gtest/gtest.h>

#include <algorithm>

#include "fragment_traffic.hpp"

namespace minerwall::path {
namespace {

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

}  // namespace
}  // namespace minerwall::path

// Datagrams with the identification of one that was forwarded before.
#include <gtest/gtest.h>

#include <algorithm>

#include "fragment_traffic.hpp"

namespace minerwall::path {
namespace {

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
        odd.emplace_back("the plain case", usual);
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
                store_be16(flag.data() + l3 + 10, test::internet_checksum(header));
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

}  // namespace
}  // namespace minerwall::path

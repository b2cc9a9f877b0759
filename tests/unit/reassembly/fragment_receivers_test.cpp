// What receivers put together of the forwarded pieces.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "fragment_wire.hpp"

namespace minerwall::reassembly {
namespace {

// The property for every receiver: it delivers only a datagram that we judged at that very piece.
// All pieces with the same mark reach it or are lost; one that is not plain may also be lost alone.
// The last test of this file covers random loss.
struct Trial {
    struct Host {
        test::Receiver queue;
        std::array<bool, 3> gets{};  // indexed by mark
        Nanos patience = 0, begun = 0;
        bool waits = false;
    };
    Wire wire;  // shared: each run begins after the last one's pieces have expired
    std::mt19937 random;
    std::vector<Host> hosts;
    Octets before;
    unsigned delivered = 0, judged = 0, conflicts = 0, reused = 0;

    bool one_in(unsigned n) { return random() % n == 0; }

    void send(const Piece& p) {
        const Outcome outcome = wire.piece(p.offset, p.more, p.data);
        conflicts += outcome == Outcome::conflict;
        if (outcome != Outcome::held && outcome != Outcome::complete) {
            return;
        }
        if (outcome == Outcome::complete) {
            ++judged;
            reused += !before.empty() && before != wire.whole();
            before = wire.whole();
        }
        for (Host& host : hosts) {
            if (!host.gets[wire.mark] || (!wire.plain && one_in(3))) {
                continue;
            }
            if (host.waits && wire.now - host.begun > host.patience) {
                host.queue.clear();
                host.waits = false;
            }
            host.begun = host.waits ? host.begun : wire.now;
            const auto got = host.queue.take(p);
            host.waits = !host.queue.is_empty();
            if (got) {
                ++delivered;
                ASSERT_EQ(outcome, Outcome::complete);
                ASSERT_EQ(*got, wire.whole());
            }
        }
    }
    // Sends any piece of it, with faults.
    void any_piece(const Octets& all, bool hostile) {
        const std::size_t units = (all.size() + 7) / 8;
        const auto from = static_cast<std::uint32_t>(random() % units);
        const std::uint32_t to = from + 1 + static_cast<std::uint32_t>(random() % (units - from));
        Piece p{from * 8, to != units, {}};
        p.data = part_of(all, p.offset, std::min<std::size_t>(to * 8, all.size()) - p.offset);
        if (hostile && one_in(4)) {
            p.data[random() % p.data.size()] ^= 1;
        }
        if (hostile && one_in(16)) {
            p.more = !p.more;
        }
        if (hostile && one_in(16)) {
            p.data.resize(random() % (p.data.size() + 8));
        }
        if (p.more) {
            p.data.resize(p.data.size() / 8 * 8);
            if (p.data.empty()) {
                return;
            }
        }
        if (p.offset == 0 && !p.more) {
            return;  // not a fragment
        }
        // As in make_fragment_treatment().
        wire.plain = wire.plain && !p.data.empty();
        send(p);
    }
    // Sends all of it, mostly as honest hosts do.
    void datagram(const Octets& all, bool hostile) {
        std::vector<std::size_t> lengths;
        std::size_t left = (all.size() + 7) / 8;
        while (left > 1 && (lengths.empty() || !one_in(3))) {
            const std::size_t n = 1 + random() % (left - 1);
            lengths.push_back(n * 8);
            left -= n;
        }
        std::vector<Piece> pieces = cut(all, lengths);
        if (pieces.size() == 1) {
            return;
        }
        if (one_in(2)) {
            std::shuffle(pieces.begin(), pieces.end(), random);
        }
        const bool whole = !hostile || !one_in(4);
        const bool alike = !hostile || !one_in(3);
        for (const Piece& p : pieces) {
            if (!whole && one_in(3)) {
                continue;
            }
            if (!alike) {
                wire.mark = static_cast<std::uint32_t>(random() % 3);
                wire.plain = one_in(2);
            }
            send(p);
            wire.wait_ms(one_in(8) ? random() % 2000 : random() % 3);
        }
    }
    void run(unsigned seed, bool hostile) {
        random.seed(seed);
        wire.wait(1000);
        before.clear();
        hosts.clear();
        for (const auto overlap :
             {test::Overlap::discard, test::Overlap::first, test::Overlap::last}) {
            Host host{test::Receiver(overlap)};
            for (bool& gets : host.gets) {
                gets = !hostile || one_in(2);
            }
            host.patience = (1001 + random() % 59000) * kNanosPerMilli;
            hosts.push_back(host);
        }
        const Octets all =
            bytes((2 + random() % 11) * 8 - random() % 8, static_cast<std::uint8_t>(random()));
        Octets other = bytes(one_in(2) ? all.size() : 9 + random() % 80, 0x80);
        if (one_in(2)) {  // the same except for one byte
            other = all;
            other[random() % other.size()] ^= 1;
        }
        for (unsigned n = 0; n < 16; ++n) {
            wire.mark = static_cast<std::uint32_t>(random() % (hostile ? 3 : 1));
            wire.plain = !hostile || !one_in(4);
            const Octets& what = one_in(2) ? other : all;
            if (!one_in(3)) {
                datagram(what, hostile);
            } else {
                any_piece(what, hostile);
            }
            if (testing::Test::HasFatalFailure()) {
                FAIL() << "seed " << seed;
            }
            wire.wait_ms(random() % (one_in(2) ? 100 : 20000));
        }
    }
};

TEST(Fragments, NoReceiverDeliversWhatWasNotJudged) {
    Trial trial;
    for (unsigned seed = 1; seed <= 60000; ++seed) {
        trial.run(seed, seed % 4 != 0);
        if (HasFatalFailure()) {
            return;
        }
    }
    EXPECT_GT(trial.delivered, 10000u);
    EXPECT_GT(trial.judged, 10000u);
    EXPECT_GT(trial.conflicts, 10000u);
    EXPECT_GT(trial.reused, 5000u);
}

// The accepted risk of ADR 10: the pieces of a datagram get one treatment, but random loss takes
// one. Another datagram gets its name before the receiver gives up.
TEST(Fragments, WhatChanceLeftAtTheReceiverIsNotGuardedAgainst) {
    Wire wire;
    test::Receiver receiver(test::Overlap::first);
    ASSERT_EQ(wire.send(cut(bytes(24), {8})), 2u);
    EXPECT_FALSE(receiver.take({8, false, part_of(bytes(24), 8, 16)}));  // the first one is lost
    wire.wait_ms(20);
    ASSERT_EQ(wire.piece(0, true, bytes(8, 100)), Outcome::held) << "not judged, but forwarded";
    EXPECT_TRUE(receiver.take({0, true, bytes(8, 100)}));
}

}  // namespace
}  // namespace minerwall::reassembly

#include "proto/stratum2/stratum2.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "proto/stratum2/stratum2_setup.hpp"
#include "support/handshakes.hpp"
#include "support/pieces.hpp"

namespace minerwall::proto {
namespace {

using namespace std::string_literals;
using V = HandshakeResult;

using test::Dialogue;
using test::random_bytes;
using test::Turn;

// The client first, then in turn; sizes of random bytes.
Dialogue random_dialogue(const std::vector<std::size_t>& sizes, unsigned seed = 1) {
    std::mt19937 random{seed};
    Dialogue d;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        d.push_back({i % 2 == 0 ? Role::client : Role::server, random_bytes(random, sizes[i])});
    }
    return d;
}

std::string check(const Dialogue& dialogue) {
    return test::verdicts<Stratum2Detector>(dialogue);
}

TEST(Stratum2Noise, IsLikelyAtSetupAndSureBeforeAChannelIsOpen) {
    EXPECT_EQ(check(random_dialogue({64, 234, 131, 44, 90})), "..lly");
    EXPECT_EQ(check(random_dialogue({64, 170, 54, 44, 1})), "..lly");
    EXPECT_EQ(check(random_dialogue({64, 234, 1329, 44, 90, 500})), "..llyy");
}

TEST(Stratum2Noise, EvidenceNamesTheSizes) {
    Stratum2Detector detector;
    for (const Turn& turn : random_dialogue({64, 234, 131, 44, 90})) {
        detector.feed(turn.role, as_bytes(turn.bytes));
    }
    MiningInfo info;
    detector.describe(info);
    EXPECT_EQ(info.dialect, Dialect::stratum_v2);
    EXPECT_EQ(info.evidence.view(), "Noise NX 64, 234, 131, 44");
}

TEST(Stratum2Noise, OtherSizesAreOtherProtocols) {
    EXPECT_EQ(check(random_dialogue({63, 234, 131, 44, 90})), ".----");
    EXPECT_EQ(check(random_dialogue({65, 234, 131, 44, 90})), "-----");
    EXPECT_EQ(check(random_dialogue({64, 233, 131, 44, 90})), "..---");
    EXPECT_EQ(check(random_dialogue({64, 235, 131, 44, 90})), ".----");
    EXPECT_EQ(check(random_dialogue({64, 234, 53, 44, 90})), "..l--");
    EXPECT_EQ(check(random_dialogue({64, 234, 1330, 44, 90})), "..---");
    EXPECT_EQ(check(random_dialogue({64, 234, 131, 43, 90})), "..ll-");
    EXPECT_EQ(check(random_dialogue({64, 234, 131, 45, 90})), "..l--");
}

TEST(Stratum2Noise, Bip324WithoutGarbageIsNone) {
    // Key; key, garbage terminator and version packet; then the client's; then messages.
    EXPECT_EQ(check(random_dialogue({64, 64 + 16 + 20, 16 + 20 + 130, 130})), "..--");
    EXPECT_EQ(check(random_dialogue({64, 64 + 134 + 16 + 20, 16 + 20 + 130, 130, 50})), "..l--");
}

TEST(Stratum2Noise, ServerFirstIsNone) {
    Stratum2Detector detector;
    EXPECT_EQ(detector.feed(Role::server, as_bytes("x")), V::no);
}

TEST(Stratum2Noise, TextStructureAndPaddingAreNotRandom) {
    const Dialogue random = random_dialogue({64, 234, 131, 44, 90});
    const auto with = [&](std::size_t turn, std::string bytes) {
        Dialogue d = random;
        bytes.resize(d[turn].bytes.size(), bytes.back());
        d[turn].bytes = bytes;
        return check(d);
    };
    std::string text, hex, counted, base64;
    std::mt19937 generator{7};
    for (int i = 0; i < 234; ++i) {
        text += "the quick brown fox jumps over "[i % 31];
        hex += "0123456789abcdef"[generator() % 16];
        base64 +=
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[generator() % 64];
        counted += static_cast<char>(i % 4 == 3 ? i : 0);
    }
    for (const std::string& bytes : {text, hex, base64, counted, "\0"s, "\xff"s}) {
        EXPECT_EQ(with(0, bytes), "-----");
        EXPECT_EQ(with(1, bytes), "..---");
    }
}

// The tails are 1e-5 in total; a sample of this size would show a limit that is far off.
TEST(Stratum2Noise, RandomBytesPass) {
    std::mt19937 random{324};
    unsigned refused = 0;
    for (unsigned i = 0; i < 20000; ++i) {
        Stratum2Detector detector;
        detector.feed(Role::client, as_bytes(random_bytes(random, 64)));
        detector.feed(Role::server, as_bytes(random_bytes(random, i % 2 == 0 ? 234 : 170)));
        refused += detector.feed(Role::client, as_bytes("x")) == V::likely ? 0 : 1;
    }
    EXPECT_LE(refused, 1u);
}

TEST(Stratum2Noise, StateIsSmall) {
    EXPECT_LE(sizeof(Stratum2Detector), 64u);
}

// Plain frames

std::string number(std::uint32_t value, unsigned bytes) {
    std::string s;
    for (unsigned i = 0; i < bytes; ++i) {
        s += static_cast<char>(value >> (8 * i));
    }
    return s;
}
std::string text(const std::string& s) {
    return static_cast<char>(s.size()) + s;
}
std::string frame(unsigned type, const std::string& payload, unsigned extension = 0) {
    return number(extension, 2) + static_cast<char>(type) +
           number(static_cast<std::uint32_t>(payload.size()), 3) + payload;
}
std::string setup_payload(unsigned protocol = 0, unsigned min = 2, unsigned max = 2) {
    return number(protocol, 1) + number(min, 2) + number(max, 2) + number(7, 4) +
           text("pool.example") + number(34254, 2) + text("Bitmain") + text("S9i 13.5") +
           text("braiins-os-1") + text("rig-7");
}
const std::string kSetup = frame(0, setup_payload());
const std::string kOpen =
    frame(0x10, number(1, 4) + text("bc1qxyz.left.2") + number(0, 4) + std::string(32, '\xff'));
const std::string kSuccess = frame(1, number(2, 2) + number(0, 4));

std::string read(const std::string& in, Role role, const std::vector<std::size_t>& cuts) {
    Stratum2Reader reader{role};
    std::string log;
    for (const test::Piece& piece : test::pieces(in, cuts)) {
        Bytes left = piece.bytes();
        while (!left.empty()) {
            MiningInfo info;
            std::size_t consumed;
            const auto state = reader.feed(left, info, consumed);
            EXPECT_LE(consumed, left.size());
            left = left.subspan(consumed);
            if (state == Stratum2Reader::State::mining) {
                log += std::string{info.method.view()} + "@" + std::to_string(info.offset) +
                       " pool=" + std::string{info.pool.view()} +
                       " agent=" + std::string{info.agent.view()} +
                       " login=" + std::string{info.login.view()} +
                       " worker=" + std::string{info.worker.view()} + "\n";
            } else if (state == Stratum2Reader::State::not_stratum2) {
                return log + "not-stratum2";
            } else {
                EXPECT_TRUE(left.empty());
            }
        }
    }
    return log;
}
std::string read_all(const std::string& in, Role role = Role::client) {
    const std::string whole = read(in, role, {});
    std::vector<std::size_t> every;
    for (std::size_t cut = 0; cut < in.size(); ++cut) {
        EXPECT_EQ(read(in, role, {cut}), whole) << "cut at " << cut;
        every.push_back(cut);
    }
    EXPECT_EQ(read(in, role, every), whole) << "byte by byte";
    return whole;
}

const std::string kSaid =
    "SetupConnection@0 pool=pool.example:34254 agent=Bitmain braiins-os-1 login= worker=rig-7\n";

TEST(Stratum2Plain, TheClientIsReadToItsLogin) {
    EXPECT_EQ(read_all(kSetup), kSaid);
    EXPECT_EQ(read_all(kSetup + frame(0x1a, std::string(24, 'x'), 0x8000) + frame(9, "") + kOpen +
                       frame(0x13, number(2, 4) + text("w") + std::string(38, '\0'))),
              kSaid +
                  "OpenStandardMiningChannel@102 pool= agent= login=bc1qxyz.left.2 worker=left.2\n"
                  "OpenExtendedMiningChannel@163 pool= agent= login=w worker=\n");
}

TEST(Stratum2Plain, EmptyTextsAndTrailingBytesAreLegal) {
    const std::string empty = number(2, 1) + number(2, 2) + number(2, 2) + number(0, 4) + text("") +
                              number(0, 2) + std::string(4, '\0');
    EXPECT_EQ(read_all(frame(0, empty) + kOpen),
              "SetupConnection@0 pool=:0 agent= login= worker=\n"
              "OpenStandardMiningChannel@22 pool= agent= login=bc1qxyz.left.2 worker=left.2\n");
    EXPECT_EQ(read_all(frame(0, setup_payload() + "more")), kSaid);
    const std::string full(255, 'f');
    EXPECT_EQ(read_all(frame(0, setup_payload().substr(0, 9) + text(full) + number(1, 2) +
                                    text(full) + text(full) + text(full) + text(full))),
              "SetupConnection@0 pool=" + full.substr(0, 96) + " agent=" + full.substr(0, 96) +
                  " login= worker=" + full.substr(0, 64) + "\n");
}

TEST(Stratum2Plain, TheServerAloneIsEnough) {
    EXPECT_EQ(read_all(kSuccess + frame(0x11, "xyz"), Role::server),
              "SetupConnection.Success@0 pool= agent= login= worker=\n");
    EXPECT_EQ(read_all(frame(1, number(3, 2) + number(0, 4)), Role::server), "not-stratum2");
    EXPECT_EQ(read_all(kSetup, Role::server), "not-stratum2");
}

TEST(Stratum2Plain, WhatIsNoSetupIsSaidToBe) {
    EXPECT_EQ(read_all(frame(0, setup_payload(4))), "not-stratum2");
    EXPECT_EQ(read_all(frame(0, setup_payload(0, 3, 3))), "not-stratum2");
    EXPECT_EQ(read_all(frame(0, setup_payload(0, 1, 1))), "not-stratum2");
    EXPECT_EQ(read_all(frame(0, setup_payload(0, 1, 2))), kSaid);
    EXPECT_EQ(read_all(frame(0, setup_payload(), 1)), "not-stratum2");
    EXPECT_EQ(read_all(kOpen), "not-stratum2");
    std::string shorter = kSetup;
    shorter[3] = static_cast<char>(shorter[3] - 1);  // the last string exceeds the end
    EXPECT_EQ(read_all(shorter), "not-stratum2");
    EXPECT_EQ(read_all(frame(0, std::string(2049, '\0'))), "not-stratum2");
    EXPECT_EQ(read_all("{\"id\":1}"), "not-stratum2");
}

TEST(Stratum2Plain, OpeningsAreToldFromElevenBytes) {
    const auto opening = [](const std::string& s) { return classify_stratum2(as_bytes(s)); };
    for (std::size_t n = 0; n < 11; ++n) {
        EXPECT_EQ(opening(kSetup.substr(0, n)), Stratum2Opening::need_more) << n;
    }
    EXPECT_EQ(opening(kSetup.substr(0, 11)), Stratum2Opening::client);
    EXPECT_EQ(opening(kSuccess.substr(0, 7)), Stratum2Opening::need_more);
    EXPECT_EQ(opening(kSuccess.substr(0, 8)), Stratum2Opening::server);
    EXPECT_EQ(opening("\0\0\0\x54\xfeSMB"s), Stratum2Opening::other);               // SMB over TCP
    EXPECT_EQ(opening("\0\0\0\x2e\0\0\0\x02\0\0\0\x01"s), Stratum2Opening::other);  // Kafka
    EXPECT_EQ(opening("\0\x5a"s), Stratum2Opening::other);
    EXPECT_EQ(opening("\0\0\x02"s), Stratum2Opening::other);
    EXPECT_EQ(opening(std::string(16, '\0')), Stratum2Opening::other);
}

TEST(Stratum2Plain, StateIsSmall) {
    EXPECT_LE(sizeof(Stratum2Reader), 460u);
}

}  // namespace
}  // namespace minerwall::proto

#include <gtest/gtest.h>

#include "bench.hpp"

namespace minerwall::inspect {
namespace {

using test::Eth;

class UdpTest : public testing::Test {
  protected:
    bool see(const std::string& message, std::uint16_t src, std::uint16_t dst) {
        const test::Buffer bytes =
            Eth().ipv4("10.0.0.1", "192.0.2.53").udp(src, dst).payload(message);
        packet::Frame frame;
        packet::parse_frame(bytes, static_cast<std::uint32_t>(bytes.size()), frame);
        Payload payload;
        payload.clear();
        payload.add(Bytes(bytes).subspan(frame.payload_offset, frame.payload_length));
        evidence_.clear();
        return bench_.inspector.udp(frame, payload, evidence_);
    }
    Bench bench_;
    Evidence evidence_;
};

TEST_F(UdpTest, AQuestionAtPort53IsEvidenceInBothDirections) {
    EXPECT_TRUE(see(test::dns_message("Pool.Example"), 40000, 53));
    EXPECT_TRUE(evidence_.has_dns);
    EXPECT_EQ(evidence_.app, App::dns);
    EXPECT_EQ(evidence_.question.name.view(), "pool.example");
    EXPECT_FALSE(evidence_.question.response);
    EXPECT_TRUE(see(test::dns_message("pool.example", true), 53, 40000));
    EXPECT_TRUE(evidence_.question.response);
    EXPECT_TRUE(see(test::dns_message("pool.example"), 53, 53));
}

TEST_F(UdpTest, OtherPortsAreNoDns) {
    EXPECT_FALSE(see(test::dns_message("pool.example"), 40000, 5353));
    EXPECT_FALSE(see(test::dns_message("pool.example"), 40000, 54));
    EXPECT_FALSE(evidence_.any());
}

TEST_F(UdpTest, WhatIsNoQuestionIsNoEvidence) {
    EXPECT_FALSE(see("", 40000, 53));
    EXPECT_FALSE(see("hello", 40000, 53));
    EXPECT_FALSE(see(test::dns_message("pool.example").substr(0, 20), 40000, 53));
    EXPECT_FALSE(evidence_.any());
}

TEST(PayloadPieces, TheFrontIsDroppedAcrossPieces) {
    const std::string a = "abc", b = "de", c = "fghi";
    for (std::uint32_t n = 0; n <= 12; ++n) {
        Payload payload;
        payload.clear();
        for (const std::string_view piece :
             {std::string_view(a), std::string_view(b), std::string_view(), std::string_view(c)}) {
            payload.add(as_bytes(piece));
        }
        EXPECT_EQ(payload.pieces, 3u) << "empty pieces are left out";
        payload.drop_front(n);
        std::string rest;
        for (unsigned i = 0; i < payload.pieces; ++i) {
            rest += as_text(payload.piece[i]);
        }
        EXPECT_EQ(rest, n > 9 ? "" : (a + b + c).substr(n));
        EXPECT_EQ(payload.length, rest.size());
    }
}

TEST(PayloadPieces, MoreThanItsBoundAreNotTaken) {
    Payload payload;
    payload.clear();
    const std::string one = "x";
    for (unsigned i = 0; i < Payload::kMaxPieces + 5; ++i) {
        payload.add(as_bytes(one));
    }
    EXPECT_EQ(payload.pieces, Payload::kMaxPieces);
    EXPECT_EQ(payload.length, Payload::kMaxPieces);
}

}  // namespace
}  // namespace minerwall::inspect

// Heads that end anywhere: every prefix of every kind of frame, from memory that ends at the same
// byte.
#include <gtest/gtest.h>

#include "packet/craft.hpp"
#include "parse.hpp"

namespace minerwall::packet {
namespace {

using test::Buffer;
using test::Eth;

std::vector<Buffer> every_kind() {
    const auto v4 = [](Eth link) { return link.ipv4("10.0.0.1", "10.0.0.2"); };
    const auto v6 = [](Eth link) { return link.ipv6("2001:db8::1", "2001:db8::2"); };
    return {
        v4(Eth()).tcp(1, 2).tcp_options({2, 4, 5, 0xb4}).payload("payload"),
        v4(Eth()).udp(1, 2).payload("payload"),
        v4(Eth().vlan(1).vlan(2)).ip_options(Buffer(8, 1)).tcp(1, 2).payload("payload"),
        v4(Eth().pppoe(9)).tcp(1, 2).payload("payload"),
        v4(Eth().mpls(16).mpls(17)).tcp(1, 2).payload("payload"),
        v4(Eth()).udp(1, 2).fragment(0, true).payload("payload!"),
        v4(Eth()).udp(1, 2).fragment(64, false).payload("payload!"),
        v6(Eth()).tcp(1, 2).payload("payload"),
        v6(Eth().vlan(1)).hop_by_hop().routing(1).ah().destination(2).udp(1, 2).payload("payload"),
        v6(Eth().mpls(16)).fragment(0, true).tcp(1, 2).payload("payload!"),
        v6(Eth().pppoe(9)).fragment(8, true).udp(1, 2).payload("payload!"),
        Eth().ethertype(kEtherArp).payload(Buffer(46)),
    };
}

void expect_sane(const Frame& f, std::size_t frame_length) {
    EXPECT_LE(f.l3_offset, f.l4_offset);
    EXPECT_LE(f.l4_offset, f.payload_offset);
    EXPECT_LE(f.payload_offset + f.payload_length, frame_length);
}

TEST(FrameTruncation, AShortHeadIsToldApartFromAShortFrame) {
    for (const Buffer& bytes : every_kind()) {
        const auto whole = static_cast<std::uint32_t>(bytes.size());
        const Frame reference = parse(bytes);
        for (std::size_t n = 0; n < bytes.size(); ++n) {
            const Frame head = parse(bytes, n, whole);
            expect_sane(head, whole);
            EXPECT_FALSE(head.is_malformed()) << n;
            // The ports are those of the whole frame, or they are missing and the reason is given.
            EXPECT_EQ(head.has_ports(), reference.has_ports() && !head.head_truncated()) << n;
            if (head.has_ports()) {
                EXPECT_EQ(head.src_port, reference.src_port);
                EXPECT_EQ(head.payload_offset, reference.payload_offset);
                EXPECT_EQ(head.payload_length, reference.payload_length);
            }
            const Frame cut = parse(bytes, n, static_cast<std::uint32_t>(n));
            expect_sane(cut, n);
            EXPECT_FALSE(cut.head_truncated()) << n;
            EXPECT_FALSE(cut.has_ports()) << n;
        }
    }
}

TEST(FrameTruncation, AHeadLongerThanTheFrameIsCutToIt) {
    const Buffer bytes = Eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2).payload("abc");
    EXPECT_TRUE(parse(bytes, bytes.size(), 50).is_malformed());
}

TEST(FrameTruncation, PayloadBeyondTheHeadKeepsItsLength) {
    const Buffer bytes = Eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2).payload(Buffer(9000));
    const Frame f = parse(bytes, 64, static_cast<std::uint32_t>(bytes.size()));
    EXPECT_TRUE(f.is_tcp());
    EXPECT_EQ(f.payload_length, 9000U);
}

TEST(FrameTruncation, AnswersAreCraftedFromAShortHead) {
    for (const Buffer& bytes : every_kind()) {
        for (std::size_t n = 0; n <= bytes.size(); ++n) {
            const Frame f = parse(bytes, n, static_cast<std::uint32_t>(bytes.size()));
            const Buffer head(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
            Buffer out(kMaxResetLength);
            craft_reset(out, head, f, Toward::receiver, 1, 2, true);
            craft_udp_reply(out, head, f, Toward::receiver, as_bytes("answer"));
        }
    }
}

}  // namespace
}  // namespace minerwall::packet

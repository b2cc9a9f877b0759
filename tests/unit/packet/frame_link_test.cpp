#include <gtest/gtest.h>

#include "parse.hpp"

namespace minerwall::packet {
namespace {

using test::Buffer;
using test::Eth;

Eth with_tcp(Eth link) {
    return link.ipv4("10.0.0.1", "10.0.0.2").tcp(40000, 3333).seq(1).ack(2).payload("hello");
}

void expect_inner_tcp(const Buffer& bytes, unsigned link_length) {
    const Frame f = parse(bytes);
    ASSERT_TRUE(f.is_tcp());
    EXPECT_EQ(f.l3, L3::ipv4);
    EXPECT_EQ(f.l3_offset, link_length);
    EXPECT_EQ(f.l4_offset, link_length + 20);
    EXPECT_EQ(f.payload_offset, link_length + 40);
    EXPECT_EQ(f.src_port, 40000);
    EXPECT_EQ(f.dst_port, 3333);
    EXPECT_EQ(payload_of(bytes, f), "hello");
}

TEST(FrameLink, PlainEthernetHasItsIpHeaderAt14) {
    const Buffer bytes = with_tcp(Eth());
    expect_inner_tcp(bytes, 14);
    EXPECT_EQ(parse(bytes).vlan_count, 0);
}

TEST(FrameLink, OneVlanTagIsKept) {
    const Buffer bytes = with_tcp(Eth().vlan(0x6005));
    expect_inner_tcp(bytes, 18);
    EXPECT_EQ(parse(bytes).vlan_count, 1);
    EXPECT_EQ(parse(bytes).vlan_tci[0], 0x6005);
}

TEST(FrameLink, QinqKeepsOuterAndInnerTagForEveryTpid) {
    for (const std::uint16_t outer : {kEtherServiceVlan, kEtherOldQinq, kEtherVlan}) {
        const Buffer bytes = with_tcp(Eth().vlan(100, outer).vlan(200));
        expect_inner_tcp(bytes, 22);
        const Frame f = parse(bytes);
        EXPECT_EQ(f.vlan_count, 2);
        EXPECT_EQ(f.vlan_tci[0], 100);
        EXPECT_EQ(f.vlan_tci[1], 200);
    }
}

TEST(FrameLink, EightTagsAreWalkedAndNineAreUnreadable) {
    Eth link;
    for (std::uint16_t n = 1; n <= 8; ++n) {
        link.vlan(n);
    }
    const Buffer eight = with_tcp(link);
    expect_inner_tcp(eight, 14 + 8 * 4);
    EXPECT_EQ(parse(eight).vlan_count, 8);
    EXPECT_EQ(parse(eight).vlan_tci[1], 2);
    EXPECT_EQ(parse(eight).unreadable, 0);

    const Frame nine = parse(with_tcp(link.vlan(9)));
    EXPECT_FALSE(nine.is_ip());
    EXPECT_FALSE(nine.is_malformed());
    EXPECT_EQ(nine.vlan_count, 8);
    EXPECT_EQ(nine.unreadable, bit_of(Unreadable::link_tags));
}

TEST(FrameLink, PriorityTagsAreNoVlanTags) {
    Eth link;
    for (unsigned n = 0; n < kMaxPriorityTags; ++n) {
        link.vlan(n % 2 == 0 ? 0x6000 : 0);
    }
    link.vlan(7);
    const Buffer bytes = with_tcp(link);
    expect_inner_tcp(bytes, 14 + 4 * (kMaxPriorityTags + 1));
    EXPECT_EQ(parse(bytes).vlan_count, 1);
    EXPECT_EQ(parse(bytes).vlan_tci[0], 7);

    const Frame more = parse(with_tcp(link.vlan(0)));
    EXPECT_FALSE(more.is_ip());
    EXPECT_EQ(more.unreadable, bit_of(Unreadable::link_tags));
}

TEST(FrameLink, PriorityTagOnIpv6IsWalked) {
    const Buffer bytes =
        Eth().vlan(0).ipv6("2001:db8::1", "2001:db8::2").udp(1000, 53).payload("q");
    const Frame f = parse(bytes);
    EXPECT_TRUE(f.is_udp());
    EXPECT_EQ(f.l3_offset, 18);
}

TEST(FrameLink, MplsStackEndsAtItsBottomLabel) {
    const Buffer one = with_tcp(Eth().mpls(16));
    expect_inner_tcp(one, 18);
    EXPECT_TRUE(parse(one).flags & kMpls);
    expect_inner_tcp(with_tcp(Eth().vlan(3).mpls(16).mpls(17).mpls(18)), 14 + 4 + 12);

    const Buffer six = Eth().mpls(2).ipv6("2001:db8::1", "2001:db8::2").tcp(1, 2);
    EXPECT_TRUE(parse(six).is_tcp());
    EXPECT_EQ(parse(six).l3, L3::ipv6);
}

TEST(FrameLink, MplsLabelsAreWalkedToTheirBoundAndNotBeyond) {
    Eth link;
    for (std::uint32_t n = 0; n < kMaxMplsLabels; ++n) {
        link.mpls(16 + n);
    }
    expect_inner_tcp(with_tcp(link), 14 + 4 * kMaxMplsLabels);
    const Frame f = parse(with_tcp(link.mpls(100)));
    EXPECT_FALSE(f.is_ip());
    EXPECT_FALSE(f.is_malformed());
    EXPECT_EQ(f.unreadable, bit_of(Unreadable::link_tags));
}

TEST(FrameLink, AnEthernetPseudowireIsNotTakenForIp) {
    // The inner destination MAC begins with 0x45 and 0x60: an IP version nibble by chance.
    for (const std::uint8_t first : std::initializer_list<std::uint8_t>{0x45, 0x60}) {
        Buffer bytes = Eth().ethertype(kEtherMpls);
        bytes.insert(bytes.end(), {0x00, 0x01, 0x01, 0x40});
        const Buffer inner = with_tcp(Eth(test::kClientMac, {first, 1, 2, 3, 4, 5}));
        bytes.insert(bytes.end(), inner.begin(), inner.end());
        const Frame f = parse(bytes);
        EXPECT_FALSE(f.is_ip());
        EXPECT_FALSE(f.has_ports());
        EXPECT_FALSE(f.is_malformed());
        EXPECT_EQ(f.payload_offset, 18);
        EXPECT_EQ(f.payload_length, inner.size());
    }
}

TEST(FrameLink, PppoeSessionLeadsToTheInnerIp) {
    const Buffer four = with_tcp(Eth().pppoe(0x1234));
    expect_inner_tcp(four, 22);
    EXPECT_TRUE(parse(four).flags & kPppoe);
    expect_inner_tcp(with_tcp(Eth().vlan(7).pppoe(1)), 26);

    const Buffer six = Eth().pppoe(1).ipv6("2001:db8::1", "2001:db8::2").tcp(1, 2);
    EXPECT_TRUE(parse(six).is_tcp());
}

TEST(FrameLink, PppoePaddingIsNotPayload) {
    const Buffer bytes = with_tcp(Eth().pppoe(1)).trailer(9);
    expect_inner_tcp(bytes, 22);
}

TEST(FrameLink, PppoeLengthThatContradictsIsMalformed) {
    for (const std::uint16_t length : std::initializer_list<std::uint16_t>{0, 1, 1000}) {
        const Frame f = parse(with_tcp(Eth().pppoe(1)).wrong_pppoe_length(length));
        EXPECT_TRUE(f.is_malformed()) << length;
        EXPECT_FALSE(f.has_ports()) << length;
    }
    // Shorter than the IP packet in it.
    const Frame f = parse(with_tcp(Eth().pppoe(1)).wrong_pppoe_length(30));
    EXPECT_TRUE(f.is_malformed());
    EXPECT_FALSE(f.has_ports());
}

TEST(FrameLink, PppoeControlTrafficIsNotIp) {
    Buffer lcp = with_tcp(Eth().pppoe(1));
    store_be16(lcp.data() + 20, 0xc021);
    EXPECT_FALSE(parse(lcp).is_ip());
    EXPECT_FALSE(parse(lcp).is_malformed());
    Buffer discovery = with_tcp(Eth().pppoe(1));
    discovery[15] = 0x09;
    EXPECT_FALSE(parse(discovery).is_ip());
    EXPECT_FALSE(parse(discovery).is_malformed());
}

TEST(FrameLink, OtherTypesAndLengthsAreNotIpNorMalformed) {
    // STP over LLC, ARP, LLDP, 802.1X, PPPoE discovery, an unknown type.
    for (const std::uint16_t type : std::initializer_list<std::uint16_t>{
             0x0026, 0x05dc, 0x0806, 0x88cc, 0x888e, 0x8863, 0xffff}) {
        const Buffer bytes = Eth().ethertype(type).payload(Buffer(46, 0x42));
        const Frame f = parse(bytes);
        EXPECT_EQ(f.l3, L3::none) << type;
        EXPECT_EQ(f.flags, 0) << type;
        EXPECT_EQ(f.l3_offset, 14) << type;
        EXPECT_EQ(f.payload_offset, 14) << type;
        EXPECT_EQ(f.payload_length, 46U) << type;
    }
}

TEST(FrameLink, ARuntIsMalformed) {
    for (std::size_t n = 0; n < 14; ++n) {
        const Frame f = parse(Buffer(n));
        EXPECT_TRUE(f.is_malformed()) << n;
        EXPECT_FALSE(f.is_ip()) << n;
        EXPECT_EQ(f.payload_length, n);
    }
}

}  // namespace
}  // namespace minerwall::packet

// Answers inside a tunnel: each must reach its end through the same tunnel.
#include <gtest/gtest.h>

#include "packet/checksum.hpp"
#include "packet/craft.hpp"
#include "packet/tunnel.hpp"
#include "parse.hpp"
#include "support/tunnel_builder.hpp"

namespace minerwall::packet {
namespace {

using test::Buffer;
using test::Eth;
using test::every_tunnel;
using test::inner_eth;
using test::tunnel_outer;
using test::TunnelKind;

Buffer reset_of(const Buffer& original, Toward toward) {
    Buffer out(kMaxResetLength, 0xcc);
    const Frame f = parse(original);
    // The headers alone must suffice.
    const Bytes head = Bytes(original).first(f.l3_offset + 1U);
    out.resize(craft_reset(out, head, f, toward, 77, 88, true));
    return out;
}
Buffer udp_of(const Buffer& original, Toward toward, std::string_view payload) {
    Buffer out(2048, 0xcc);
    out.resize(craft_udp_reply(out, original, parse(original), toward, as_bytes(payload)));
    return out;
}

// What a crafted frame promises, inside and outside.
Frame expect_sound(const Buffer& crafted, const Buffer& original, Toward toward) {
    const Frame was = parse(original);
    const Frame f = parse(crafted);
    const bool back = toward == Toward::sender;
    EXPECT_EQ(f.tunnel, was.tunnel);
    EXPECT_EQ(f.tunnel_id, was.tunnel_id);
    EXPECT_EQ(f.vlan_count, was.vlan_count);
    EXPECT_EQ(f.vlan_tci[0], was.vlan_tci[0]);
    EXPECT_EQ(f.src, back ? was.dst : was.src);
    EXPECT_EQ(f.dst, back ? was.src : was.dst);
    EXPECT_EQ(f.src_port, back ? was.dst_port : was.src_port);
    EXPECT_EQ(f.dst_port, back ? was.src_port : was.dst_port);
    EXPECT_TRUE(verify_ip_checksum(crafted, f));
    EXPECT_TRUE(verify_l4_checksum(Bytes(crafted).subspan(f.l4_offset), f));
    EXPECT_TRUE(verify_tunnel_checksums(crafted, f));
    TunnelEnds before, after;
    EXPECT_TRUE(tunnel_ends(original, was, before) && tunnel_ends(crafted, f, after));
    EXPECT_EQ(after.src, back ? before.dst : before.src);
    EXPECT_EQ(after.dst, back ? before.src : before.dst);
    EXPECT_EQ(after.src_port, before.src_port) << "a tunnel's source port is not an address";
    EXPECT_EQ(after.dst_port, before.dst_port);
    EXPECT_TRUE(
        std::equal(crafted.begin(), crafted.begin() + 6, original.begin() + (back ? 6 : 0)));
    // Fresh hop limits, outside and inside.
    const auto hops = [&](std::size_t l3) {
        return crafted[l3 + (crafted[l3] >> 4U == 4 ? 8 : 7)];
    };
    EXPECT_EQ(hops(f.outer_l3_offset), 64);
    EXPECT_EQ(hops(f.l3_offset), 64);
    EXPECT_GE(crafted.size(), 60U);
    // No stale memory behind the packet, and no padding beyond the minimum.
    for (std::size_t i = f.payload_offset + f.payload_length; i < crafted.size(); ++i) {
        EXPECT_EQ(crafted[i], 0);
    }
    EXPECT_EQ(crafted.size(), std::max<std::size_t>(60, f.payload_offset + f.payload_length));
    return f;
}

TEST(TunnelCraft, AResetInEveryTunnelFamilyAndDirection) {
    for (const TunnelKind& kind : every_tunnel()) {
        for (const bool outer6 : {false, true}) {
            for (const Toward toward : {Toward::sender, Toward::receiver}) {
                SCOPED_TRACE(kind.name + (outer6 ? " over IPv6" : " over IPv4"));
                for (const Eth& inner :
                     {inner_eth().ipv4("10.0.0.1", "10.0.0.2").tcp(40000, 3333).payload("x"),
                      inner_eth()
                          .ipv6("fd00::1", "fd00::2")
                          .hop_by_hop()
                          .tcp(1, 2)
                          .payload("yy")}) {
                    const Buffer original = kind.wrap(tunnel_outer(outer6).ttl(3), inner);
                    const Frame f = expect_sound(reset_of(original, toward), original, toward);
                    EXPECT_EQ(f.tcp_flags, kTcpRst | kTcpAck);
                    EXPECT_EQ(f.tcp_seq, 77U);
                    EXPECT_EQ(f.tcp_ack, 88U);
                }
            }
        }
    }
}

TEST(TunnelCraft, ADnsAnswerInEveryTunnelFamilyAndDirection) {
    for (const TunnelKind& kind : every_tunnel()) {
        for (const bool outer6 : {false, true}) {
            for (const Toward toward : {Toward::sender, Toward::receiver}) {
                SCOPED_TRACE(kind.name + (outer6 ? " over IPv6" : " over IPv4"));
                const Buffer original = kind.wrap(
                    tunnel_outer(outer6),
                    inner_eth().ipv4("10.0.0.1", "10.0.0.2").udp(50000, 53).payload("query"));
                for (const std::size_t length : {0, 1, 17, 1232}) {
                    const std::string answer(length, 'a');
                    const Buffer crafted = udp_of(original, toward, answer);
                    EXPECT_EQ(payload_of(crafted, expect_sound(crafted, original, toward)), answer);
                }
            }
        }
    }
}

TEST(TunnelCraft, EveryLinkHeaderOutsideAndInside) {
    const auto links = [](Eth eth) -> std::vector<Eth> {
        Eth vlan = eth, qinq = eth, pppoe = eth;
        return {eth, vlan.vlan(7), qinq.vlan(1, kEtherServiceVlan).vlan(2), pppoe.vlan(3).pppoe(9)};
    };
    for (const Eth& outer : links(Eth())) {
        for (const Eth& inner : links(inner_eth())) {
            for (const Toward toward : {Toward::sender, Toward::receiver}) {
                Eth in = inner, out = outer;
                const Buffer original = out.ipv4("198.51.100.1", "198.51.100.2")
                                            .vxlan(9, in.ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2));
                const Buffer crafted = reset_of(original, toward);
                const Frame f = expect_sound(crafted, original, toward);
                const Frame was = parse(original);
                EXPECT_EQ(f.flags, was.flags);
                EXPECT_EQ(f.l3_offset, was.l3_offset) << "no header of the link is lost";
            }
        }
    }
}

TEST(TunnelCraft, InnerMacAddressesAreTurnedRoundToo) {
    const Buffer original =
        tunnel_outer(false).vxlan(9, inner_eth().vlan(4).ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2));
    const std::size_t at = 14 + 20 + 8 + 8;
    const Buffer back = reset_of(original, Toward::sender);
    EXPECT_TRUE(
        std::equal(test::kInnerClientMac.begin(), test::kInnerClientMac.end(), back.begin() + at));
    EXPECT_TRUE(std::equal(test::kInnerServerMac.begin(), test::kInnerServerMac.end(),
                           back.begin() + at + 6));
    const Buffer on = reset_of(original, Toward::receiver);
    EXPECT_TRUE(std::equal(on.begin() + at, on.begin() + at + 18, original.begin() + at));
}

TEST(TunnelCraft, GreKeepsItsKeyAndCountsOnlyOnward) {
    const Buffer original =
        tunnel_outer(false).gre(inner_eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2),
                                {.key = 0xabcdef01, .sequence = 0x55667788, .checksum = true});
    const Buffer on = reset_of(original, Toward::receiver);
    EXPECT_EQ(load_be16(on.data() + 34), kGreChecksum | kGreKey | kGreSequence);
    EXPECT_EQ(load_be32(on.data() + 42), 0xabcdef01U);
    EXPECT_EQ(load_be32(on.data() + 46), 0x55667788U);
    const Buffer back = reset_of(original, Toward::sender);
    EXPECT_EQ(load_be16(back.data() + 34), kGreChecksum | kGreKey);
    EXPECT_EQ(load_be32(back.data() + 42), 0xabcdef01U);
    EXPECT_EQ(back.size() + 4, on.size());
}

TEST(TunnelCraft, VxlanMakesAChecksumWhereTheOriginalHadOne) {
    for (const bool outer6 : {false, true}) {
        const Eth inner = inner_eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2);
        const std::size_t at = 14 + (outer6 ? 40 : 20) + 6;
        const Buffer without = tunnel_outer(outer6).vxlan(9, inner).wrong_l4_checksum(0);
        EXPECT_EQ(load_be16(reset_of(without, Toward::sender).data() + at), 0);
        const Buffer with = tunnel_outer(outer6).vxlan(9, inner);
        EXPECT_NE(load_be16(reset_of(with, Toward::sender).data() + at), 0);
    }
}

TEST(TunnelCraft, ThroughNestedTunnels) {
    for (const Toward toward : {Toward::sender, Toward::receiver}) {
        const Buffer original =
            tunnel_outer(true, false, Eth().vlan(2))
                .vxlan(1, inner_eth()
                              .vlan(4)
                              .ipv4("192.0.2.1", "192.0.2.2")
                              .gre_ethernet(
                                  inner_eth()
                                      .ipv6("fd01::1", "fd01::2")
                                      .in_ip(inner_eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2)),
                                  {.key = 3, .checksum = true}));
        expect_sound(reset_of(original, toward), original, toward);
    }
}

TEST(TunnelCraft, TheLongestHeadersFitTheDeclaredRoom) {
    const auto long_link = [](Eth eth) {
        for (unsigned i = 1; i <= kMaxVlanTags; ++i) {
            eth.vlan(static_cast<std::uint16_t>(i));
        }
        for (unsigned i = 0; i < kMaxMplsLabels; ++i) {
            eth.mpls(20 + i);
        }
        return eth;
    };
    Eth packet = long_link(inner_eth()).ipv6("fd00::1", "fd00::2").tcp(1, 2);
    for (unsigned i = 0; i < kMaxTunnels; ++i) {
        Eth outer = long_link(Eth()).ipv6("fd01::1", "fd01::2");
        outer.vxlan(i, packet);
        packet = outer;
    }
    const Buffer reset = reset_of(packet, Toward::receiver);
    EXPECT_EQ(reset.size(), parse(reset).l4_offset + 20U);
    expect_sound(reset, packet, Toward::receiver);
    EXPECT_LE(reset.size(), kMaxResetLength);
    EXPECT_TRUE(reset_of(packet, Toward::sender).empty()) << "labels of the way back are unknown";
}

TEST(TunnelCraft, IsNotMadeWhereTheWayBackIsUnknown) {
    const Eth inner = inner_eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2);
    const auto refused = [](const Buffer& original, bool onward_too = false) {
        EXPECT_TRUE(reset_of(original, Toward::sender).empty());
        EXPECT_EQ(reset_of(original, Toward::receiver).empty(), onward_too);
    };
    // VXLAN floods frames for unknown hosts to a group, and so does Ethernet inside.
    refused(Eth().ipv4("198.51.100.1", "239.1.1.1").vxlan(1, inner));
    refused(Eth().ipv6("2001:db8::1", "ff05::1").vxlan(1, inner));
    refused(tunnel_outer(false).vxlan(
        1, Eth(test::kClientMac, {0x33, 0x33, 0, 0, 0, 1}).ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2)));
    refused(
        tunnel_outer(false).vxlan(1, inner_eth().mpls(16).ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2)));
    refused(Eth().ipv6("2001:db8::1", "2001:db8::2").routing(1).in_ip(inner), true);
}

TEST(TunnelCraft, NeedsRoomForTheWholeFrame) {
    for (const TunnelKind& kind : every_tunnel()) {
        const Buffer original =
            kind.wrap(tunnel_outer(false), inner_eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2));
        const Frame f = parse(original);
        for (const Toward toward : {Toward::sender, Toward::receiver}) {
            const std::size_t needed = reset_of(original, toward).size();
            for (std::size_t room = 0; room <= needed; ++room) {
                const auto out = std::make_unique<std::uint8_t[]>(room);
                const std::size_t made =
                    craft_reset({out.get(), room}, original, f, toward, 1, 2, true);
                // A buffer that is too small gets nothing.
                EXPECT_TRUE(made == (room == needed ? needed : 0)) << kind.name << room;
            }
        }
    }
}

TEST(TunnelCraft, HeadersOfAnotherFrameAreRefused) {
    const Buffer original =
        tunnel_outer(false).gre(inner_eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2));
    Buffer other = tunnel_outer(false).udp(1, 2).payload(Buffer(100));
    Buffer out(kMaxResetLength);
    EXPECT_EQ(craft_reset(out, other, parse(original), Toward::sender, 1, 2, true), 0U);
    EXPECT_EQ(
        craft_reset(out, Bytes(original).first(30), parse(original), Toward::sender, 1, 2, true),
        0U);
}

}  // namespace
}  // namespace minerwall::packet

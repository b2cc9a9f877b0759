// What the parser finds in tunnels, and what it leaves alone.
#include "packet/tunnel.hpp"

#include <gtest/gtest.h>

#include "parse.hpp"
#include "support/tunnel_builder.hpp"

namespace minerwall::packet {
namespace {

using test::Buffer;
using test::Eth;
using test::every_tunnel;
using test::Gre;
using test::inner_eth;
using test::tunnel_outer;
using test::TunnelKind;

Eth inner4() {
    return inner_eth().ipv4("10.0.0.1", "10.0.0.2").tcp(40000, 3333).seq(7).payload("inside");
}
Eth inner6() {
    return inner_eth().ipv6("fd00::1", "fd00::2").udp(50000, 53).payload("inside");
}

// The outer packet without its content: the same bytes with another protocol number or port.
void expect_outer(const Buffer& bytes, const char* src = "198.51.100.1") {
    const Frame f = parse(bytes);
    EXPECT_EQ(to_text(f.src), src);
    EXPECT_FALSE(f.is_tunnelled());
    EXPECT_EQ(f.tunnel_id, 0);
    EXPECT_FALSE(f.is_malformed());
    EXPECT_FALSE(f.head_truncated());
}

TEST(Tunnel, EveryKindInBothFamiliesShowsTheInnerPacket) {
    for (const TunnelKind& kind : every_tunnel()) {
        for (const bool outer6 : {false, true}) {
            SCOPED_TRACE(kind.name + (outer6 ? " over IPv6" : " over IPv4"));
            const Buffer bytes4 = kind.wrap(tunnel_outer(outer6), inner4());
            const Frame f = parse(bytes4);
            EXPECT_EQ(f.tunnel, kind.tunnel);
            EXPECT_EQ(f.outer_l3_offset, 14);
            EXPECT_EQ(to_text(f.src), "10.0.0.1");
            ASSERT_TRUE(f.is_tcp());
            EXPECT_EQ(f.dst_port, 3333);
            EXPECT_EQ(f.tcp_seq, 7U);
            EXPECT_EQ(payload_of(bytes4, f), "inside");
            EXPECT_EQ(f.l4_offset, f.l3_offset + 20);
            EXPECT_EQ(f.flags, kHasPorts);

            const Buffer bytes6 = kind.wrap(tunnel_outer(outer6), inner6());
            const Frame g = parse(bytes6);
            EXPECT_EQ(to_text(g.dst), "fd00::2");
            ASSERT_TRUE(g.is_udp());
            EXPECT_EQ(payload_of(bytes6, g), "inside");
        }
    }
}

TEST(Tunnel, EveryLinkMayCarryOneAndBeCarried) {
    const auto links = [](Eth eth) -> std::vector<Eth> {
        Eth vlan = eth, qinq = eth, pppoe = eth, mpls = eth, both = eth;
        return {eth,
                vlan.vlan(7),
                qinq.vlan(1, kEtherServiceVlan).vlan(2),
                pppoe.pppoe(9),
                mpls.mpls(16).mpls(17),
                both.vlan(3).pppoe(1)};
    };
    for (const Eth& outer : links(Eth())) {
        for (const Eth& inner : links(inner_eth())) {
            Eth in = inner;
            in.ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2).payload("inside");
            for (const bool vxlan : {false, true}) {
                Eth out = outer;
                out.ipv4("198.51.100.1", "198.51.100.2");
                const Buffer bytes = vxlan ? out.vxlan(5, in) : out.gre_ethernet(in);
                const Frame f = parse(bytes);
                EXPECT_EQ(f.tunnel, vxlan ? Tunnel::vxlan : Tunnel::gre);
                EXPECT_EQ(payload_of(bytes, f), "inside");
                const Frame plain = parse(out.udp(1, 2).payload("x"));
                EXPECT_EQ(f.vlan_count, plain.vlan_count) << "the tags are the outer ones";
                EXPECT_EQ(f.vlan_tci[0], plain.vlan_tci[0]);
            }
        }
    }
}

TEST(Tunnel, OuterOptionsAndExtensionHeadersAreWalked) {
    const Buffer v4 = Eth()
                          .ipv4("198.51.100.1", "198.51.100.2")
                          .ip_options(Buffer(40, 1))
                          .gre(inner4(), {.key = 1});
    EXPECT_EQ(payload_of(v4, parse(v4)), "inside");
    const Buffer v6 =
        Eth().ipv6("2001:db8::1", "2001:db8::2").hop_by_hop().destination(4).in_ip(inner4());
    EXPECT_EQ(payload_of(v6, parse(v6)), "inside");
    const Buffer routed = Eth().ipv6("2001:db8::1", "2001:db8::2").routing(1).in_ip(inner6());
    EXPECT_EQ(payload_of(routed, parse(routed)), "inside");
    EXPECT_FALSE(parse(routed).flags & kSourceRouted) << "only the outer packet is source-routed";
}

TEST(Tunnel, OneInAnotherUpToTheBound) {
    Eth packet = inner4();
    for (unsigned depth = 1; depth <= kMaxTunnels + 2; ++depth) {
        Eth outer = Eth().ipv4("198.51.100.1", "198.51.100.2");
        outer.in_ip(packet);
        packet = outer;
        const Frame f = parse(packet);
        EXPECT_TRUE(f.is_tunnelled());
        EXPECT_EQ(f.outer_l3_offset, 14);
        EXPECT_EQ(f.is_tcp(), depth <= kMaxTunnels) << depth;
        EXPECT_EQ(f.unreadable, depth <= kMaxTunnels ? 0 : bit_of(Unreadable::tunnels)) << depth;
        EXPECT_EQ(f.l3_offset, 14 + 20 * std::min(depth, kMaxTunnels));
    }
    const Buffer mixed = tunnel_outer(true).vxlan(
        1, inner_eth()
               .vlan(4)
               .ipv4("192.0.2.1", "192.0.2.2")
               .gre_ethernet(inner_eth().ipv6("fd01::1", "fd01::2").in_ip(inner4()), {.key = 3}));
    const Frame f = parse(mixed);
    EXPECT_EQ(f.tunnel, Tunnel::ipip);
    EXPECT_EQ(payload_of(mixed, f), "inside");
}

TEST(Tunnel, IdIsTheSameInBothDirectionsAndTellsTunnelsApart) {
    std::vector<std::uint16_t> ids;
    const auto expect_new = [&](const Buffer& there, const Buffer& back) {
        const std::uint16_t id = parse(there).tunnel_id;
        EXPECT_EQ(parse(back).tunnel_id, id);
        EXPECT_EQ(std::count(ids.begin(), ids.end(), id), 0);
        ids.push_back(id);
    };
    for (const bool v6 : {false, true}) {
        for (const std::uint32_t id : {0U, 1U, 2U, 0xffffffU}) {
            expect_new(tunnel_outer(v6).vxlan(id, inner4(), 1000),
                       tunnel_outer(v6, true).vxlan(id, inner4(), 2000));
            expect_new(tunnel_outer(v6).gre(inner4(), {.key = id}),
                       tunnel_outer(v6, true).gre(inner4(), {.key = id, .sequence = 8}));
        }
        expect_new(tunnel_outer(v6).in_ip(inner4()), tunnel_outer(v6, true).in_ip(inner6()));
    }
    // An inner frame's tags are part of it; other hosts are another tunnel.
    expect_new(
        tunnel_outer(false).vxlan(1, inner_eth().vlan(5).ipv4("10.0.0.1", "10.0.0.2")),
        tunnel_outer(false, true).vxlan(1, inner_eth().vlan(5).ipv4("10.0.0.2", "10.0.0.1")));
    expect_new(Eth().ipv4("198.51.100.1", "198.51.100.3").vxlan(1, inner4()),
               Eth().ipv4("198.51.100.3", "198.51.100.1").vxlan(1, inner4()));
    expect_new(Eth().ipv4("198.51.100.1", "198.51.100.1").in_ip(inner4()),
               Eth().ipv4("198.51.100.1", "198.51.100.1").in_ip(inner4()));
}

TEST(Tunnel, WhatCannotBeReadInsideIsDescribedByTheOutside) {
    const auto outer = [] { return tunnel_outer(false); };
    const Buffer ip = inner4().packet();
    expect_outer(outer().gre(0x88be, ip));  // ERSPAN
    expect_outer(outer().gre(0x22eb, ip));  // ERSPAN III
    expect_outer(outer().gre(0x880b, ip));  // PPP
    expect_outer(outer().gre(kEtherArp, ip));
    expect_outer(outer().gre(kEtherIpv6, ip));  // says IPv6 and is not
    expect_outer(outer().gre(kEtherIpv4, {}));  // a keepalive has no packet
    expect_outer(outer().gre_ethernet(inner_eth().ethertype(kEtherArp).payload(Buffer(46))));
    expect_outer(outer().gre_ethernet(inner_eth().ethertype(0x26).payload(Buffer(38, 0x42))));
    expect_outer(outer().in_ip(inner4().wrong_ip_version(5)));
    expect_outer(outer().in_ip(inner4().wrong_ip_length(2000)));
    expect_outer(outer().in_ip(inner4().wrong_data_offset(2)));
    expect_outer(outer().proto(kProtoIpInIp).payload(""));
    expect_outer(outer().proto(kProtoGre).payload("\x20"));
    expect_outer(outer().udp(1, kPortVxlan).payload("short"));
    expect_outer(outer().udp(1, kPortVxlan).payload(Buffer(80)));  // no VNI
    expect_outer(outer().udp(kPortVxlan, 1).payload(Buffer(80, 0xff)));
    expect_outer(outer().proto(kProtoEsp).payload(ip));
}

TEST(Tunnel, OtherVersionsAndRoutesOfGreAreLeftAlone) {
    for (const std::uint16_t flags : std::initializer_list<std::uint16_t>{1, 7, 0x2001, 0x4000}) {
        Buffer bytes = tunnel_outer(false).gre(inner4());
        store_be16(bytes.data() + 34, flags);
        Frame f;
        parse_frame(bytes, static_cast<std::uint32_t>(bytes.size()), f);
        EXPECT_FALSE(f.is_tunnelled()) << flags;
    }
    // Reserved bits have no meaning (RFC 2784, 2.3).
    Buffer bytes = tunnel_outer(false).gre(inner4());
    store_be16(bytes.data() + 34, 0x0ff8);
    EXPECT_TRUE(parse(bytes).is_tunnelled());
}

TEST(Tunnel, WccpHasARedirectHeaderOrNone) {
    const Buffer ip = inner4().packet();
    const Buffer one = tunnel_outer(false).gre(kEtherWccp, ip);
    EXPECT_EQ(payload_of(one, parse(one)), "inside");
    Buffer redirected = {0, 0, 0, 0};
    redirected.insert(redirected.end(), ip.begin(), ip.end());
    const Buffer two = tunnel_outer(false).gre(kEtherWccp, redirected);
    EXPECT_EQ(payload_of(two, parse(two)), "inside");
}

TEST(Tunnel, AFragmentOfTheOuterPacketIsOneUntilItIsReassembled) {
    for (const bool first : {true, false}) {
        const Frame f = parse(Eth()
                                  .ipv4("198.51.100.1", "198.51.100.2")
                                  .fragment(first ? 0 : 64, first)
                                  .gre(inner4()));
        EXPECT_FALSE(f.is_tunnelled());
        EXPECT_TRUE(f.is_fragment());
        EXPECT_EQ(f.ip_proto, kProtoGre);
    }
}

TEST(Tunnel, AFragmentInsideIsDescribedAsOne) {
    for (const TunnelKind& kind : every_tunnel()) {
        const Frame first = parse(
            kind.wrap(tunnel_outer(false),
                      inner_eth().ipv4("10.0.0.1", "10.0.0.2").udp(1, 53).fragment(0, true, 9)));
        EXPECT_TRUE(first.is_tunnelled() && first.is_first_fragment()) << kind.name;
        const Frame later = parse(kind.wrap(
            tunnel_outer(false), inner_eth().ipv6("fd00::1", "fd00::2").fragment(64, false)));
        EXPECT_TRUE(later.is_tunnelled() && later.is_fragment()) << kind.name;
        EXPECT_FALSE(later.has_ports());
    }
}

// As the reassembler has it: the headers before the fragment, then more bytes than they count.
TEST(Tunnel, AReassembledDatagramIsReadBehindTheHeadersOfItsFragment) {
    std::vector<TunnelKind> kinds = every_tunnel();
    kinds.push_back({"pppoe", Tunnel::none, [](Eth, const Eth& inner) {
                         Eth in = Eth().pppoe(3);
                         const Buffer ip = inner.packet();
                         Buffer out = in.ipv4("1.1.1.1", "2.2.2.2").build();
                         out.resize(22);
                         store_be16(out.data() + 18, static_cast<std::uint16_t>(2 + ip.size()));
                         out.insert(out.end(), ip.begin(), ip.end());
                         return out;
                     }});
    for (const TunnelKind& kind : kinds) {
        for (const bool deeper : {false, true}) {
            SCOPED_TRACE(kind.name);
            const auto ip = [] { return inner_eth().ipv4("10.0.0.1", "10.0.0.2"); };
            const Buffer piece = kind.wrap(tunnel_outer(true),
                                           ip().fragment(8, false).proto(17).payload("12345678"));
            const Frame fragment = parse(piece);
            ASSERT_TRUE(fragment.is_fragment());
            Eth in = ip();
            const Buffer datagram =
                (deeper ? in.gre(inner6(), {.key = 5}) : in.udp(50000, 53).payload("inside"))
                    .packet();
            Buffer copy(piece.begin(), piece.begin() + fragment.l3_offset);
            copy.insert(copy.end(), datagram.begin(), datagram.end());
            Frame f;
            parse_reassembled(copy, static_cast<std::uint32_t>(copy.size()), fragment, f);
            EXPECT_TRUE(f.is_udp());
            EXPECT_EQ(payload_of(copy, f), "inside");
            // It belongs to the flow of the datagrams that were not fragmented.
            const Frame uncut = parse(kind.wrap(
                tunnel_outer(true), deeper ? ip().gre(inner6(), {.key = 5}) : ip().udp(1, 2)));
            EXPECT_EQ(f.tunnel, uncut.tunnel);
            EXPECT_EQ(f.tunnel_id, uncut.tunnel_id);
            EXPECT_EQ(f.outer_l3_offset, uncut.outer_l3_offset);
            EXPECT_EQ(f.flags, uncut.flags);
        }
    }
}

TEST(Tunnel, AnyShortHeadIsToldAndNeverMistaken) {
    for (const TunnelKind& kind : every_tunnel()) {
        for (const bool outer6 : {false, true}) {
            const Buffer bytes = kind.wrap(tunnel_outer(outer6), inner4());
            const Frame whole = parse(bytes);
            for (std::size_t n = 0; n < bytes.size(); ++n) {
                const Frame f = parse(bytes, n, static_cast<std::uint32_t>(bytes.size()));
                EXPECT_FALSE(f.is_malformed()) << kind.name << n;
                EXPECT_EQ(f.head_truncated(), !f.is_tcp()) << kind.name << n;
                EXPECT_EQ(f.is_tcp(), n >= whole.l4_offset + 20U);
                EXPECT_LE(f.payload_offset + f.payload_length, bytes.size());
                // Really cut: the outer packet is malformed, and its content does not count.
                const Frame cut = parse(bytes, n, static_cast<std::uint32_t>(n));
                EXPECT_FALSE(cut.has_ports());
            }
        }
    }
}

TEST(Tunnel, EthernetPaddingOutsideIsNoPartOfIt) {
    const Buffer bytes = tunnel_outer(false).in_ip(inner4()).trailer(20);
    EXPECT_EQ(payload_of(bytes, parse(bytes)), "inside");
    const Buffer vxlan = tunnel_outer(false).vxlan(1, inner4().pad()).trailer(20);
    EXPECT_EQ(payload_of(vxlan, parse(vxlan)), "inside");
}

TEST(Tunnel, EndsAreThoseOfTheOutermostHeader) {
    const Buffer bytes = tunnel_outer(true).vxlan(1, inner4(), 12345);
    TunnelEnds ends;
    ASSERT_TRUE(tunnel_ends(bytes, parse(bytes), ends));
    EXPECT_EQ(to_text(ends.src), "2001:db8:a::1");
    EXPECT_EQ(to_text(ends.dst), "2001:db8:b::2");
    EXPECT_EQ(ends.src_port, 12345);
    EXPECT_EQ(ends.dst_port, kPortVxlan);
    EXPECT_EQ(ends.ip_proto, kProtoUdp);
    const Buffer gre = tunnel_outer(false).gre(inner4());
    ASSERT_TRUE(tunnel_ends(gre, parse(gre), ends));
    EXPECT_EQ(to_text(ends.src), "198.51.100.1");
    EXPECT_EQ(ends.src_port, 0);
    EXPECT_FALSE(tunnel_ends(Bytes(gre).first(20), parse(gre), ends));
    const Buffer plain = Eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2);
    EXPECT_FALSE(tunnel_ends(plain, parse(plain), ends));
}

TEST(Tunnel, EachOuterChecksumIsVerified) {
    for (const TunnelKind& kind : every_tunnel()) {
        for (const bool outer6 : {false, true}) {
            SCOPED_TRACE(kind.name + (outer6 ? " over IPv6" : " over IPv4"));
            const Buffer bytes = kind.wrap(tunnel_outer(outer6).ttl(9), inner4());
            const Frame f = parse(bytes);
            EXPECT_TRUE(verify_tunnel_checksums(bytes, f));
            const bool covered =
                kind.name.find("checksum") != std::string::npos || kind.name.ends_with("_all");
            Buffer wrong = bytes;
            wrong.back() ^= 1;
            EXPECT_EQ(verify_tunnel_checksums(wrong, f), !covered);
            wrong = bytes;
            wrong[14 + 8] ^= 1;  // IPv4: the TTL; IPv6: an address
            const bool header_covered = !outer6 || kind.name == "vxlan_checksum";
            EXPECT_EQ(verify_tunnel_checksums(wrong, f), !header_covered);
            EXPECT_FALSE(verify_tunnel_checksums(Bytes(bytes).first(f.l3_offset - 1U), f));
        }
    }
    const Buffer plain = Eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2).wrong_ip_checksum(1);
    EXPECT_TRUE(verify_tunnel_checksums(plain, parse(plain)));
}

}  // namespace
}  // namespace minerwall::packet

#include <gtest/gtest.h>

#include "parse.hpp"

namespace minerwall::packet {
namespace {

using test::Buffer;
using test::Eth;

Eth four() {
    return Eth().ipv4("192.0.2.1", "198.51.100.2");
}
Eth six() {
    return Eth().ipv6("2001:db8::1", "2001:db8:1::2");
}

TEST(FrameIp, TcpFieldsAreInHostOrder) {
    const Buffer bytes = four()
                             .tcp(0x1234, 0xabcd)
                             .seq(0x01020304)
                             .ack(0xfffefdfc)
                             .flags(kTcpPsh | kTcpAck)
                             .window(0x8001)
                             .payload("abc");
    const Frame f = parse(bytes);
    ASSERT_TRUE(f.is_tcp());
    EXPECT_EQ(f.flags, kHasPorts);
    EXPECT_EQ(f.src, parse_address("192.0.2.1"));
    EXPECT_EQ(f.dst, parse_address("198.51.100.2"));
    EXPECT_EQ(f.src_port, 0x1234);
    EXPECT_EQ(f.dst_port, 0xabcd);
    EXPECT_EQ(f.tcp_seq, 0x01020304U);
    EXPECT_EQ(f.tcp_ack, 0xfffefdfcU);
    EXPECT_EQ(f.tcp_flags, kTcpPsh | kTcpAck);
    EXPECT_EQ(f.tcp_window, 0x8001);
    EXPECT_EQ(f.l4_length(), 23U);
    EXPECT_EQ(payload_of(bytes, f), "abc");
}

TEST(FrameIp, UdpOverIpv6KeepsFullAddresses) {
    const Buffer bytes = six().udp(50000, 53).payload("query");
    const Frame f = parse(bytes);
    ASSERT_TRUE(f.is_udp());
    EXPECT_FALSE(f.is_tcp());
    EXPECT_EQ(f.l3, L3::ipv6);
    EXPECT_EQ(f.src, parse_address("2001:db8::1"));
    EXPECT_EQ(f.dst, parse_address("2001:db8:1::2"));
    EXPECT_EQ(f.l4_offset, 54);
    EXPECT_EQ(payload_of(bytes, f), "query");
}

TEST(FrameIp, EthernetPaddingIsNotPayload) {
    const Buffer ack = four().tcp(1, 2).ack(1).pad();
    ASSERT_EQ(ack.size(), 60U);
    EXPECT_EQ(parse(ack).payload_length, 0U);
    EXPECT_EQ(payload_of(four().tcp(1, 2).payload("ab").pad(),
                         parse(four().tcp(1, 2).payload("ab").pad())),
              "ab");
    EXPECT_EQ(parse(six().udp(1, 2).payload("abc").trailer(40)).payload_length, 3U);
}

TEST(FrameIp, BytesBehindTheUdpLengthAreNotPayload) {
    const Buffer bytes = four().udp(1, 2).payload("abcdef").wrong_udp_length(8 + 4);
    EXPECT_EQ(payload_of(bytes, parse(bytes)), "abcd");
    EXPECT_EQ(parse(bytes).l4_length(), 12U);
}

TEST(FrameIp, Ipv4AndTcpOptionsAreSkipped) {
    const Buffer bytes =
        four().ip_options(Buffer(40, 1)).tcp(1, 2).tcp_options(Buffer(40, 1)).payload("x");
    const Frame f = parse(bytes);
    ASSERT_TRUE(f.is_tcp());
    EXPECT_EQ(f.l4_offset, 14 + 60);
    EXPECT_EQ(f.payload_offset, 14 + 60 + 60);
    EXPECT_EQ(payload_of(bytes, f), "x");
}

TEST(FrameIp, OtherProtocolsHaveNoPorts) {
    for (const std::uint8_t proto : {kProtoIcmp, kProtoGre, kProtoIpInIp, kProtoEsp, kProtoIpv6}) {
        const Buffer bytes = four().proto(proto).payload("12345678");
        const Frame f = parse(bytes);
        EXPECT_EQ(f.ip_proto, proto);
        EXPECT_EQ(f.flags, 0);
        EXPECT_EQ(f.payload_offset, f.l4_offset);
        EXPECT_EQ(payload_of(bytes, f), "12345678");
    }
}

TEST(FrameIp, TheFirstIpv4FragmentHasPortsAndTheLaterHaveNone) {
    const Frame first = parse(four().tcp(7, 8).fragment(0, true).payload("abcdefgh"));
    EXPECT_TRUE(first.is_fragment() && first.is_first_fragment() && first.is_tcp());
    EXPECT_EQ(first.src_port, 7);
    const Frame middle = parse(four().tcp(7, 8).fragment(1480, true).payload("abcd"));
    EXPECT_TRUE(middle.is_fragment());
    EXPECT_FALSE(middle.is_first_fragment() || middle.has_ports() || middle.is_malformed());
    const Frame last = parse(four().proto(kProtoTcp).fragment(1480, false).payload("z"));
    EXPECT_TRUE(last.is_fragment());
    EXPECT_FALSE(last.is_first_fragment() || last.has_ports() || last.is_malformed());
    EXPECT_EQ(last.ip_proto, kProtoTcp);
}

TEST(FrameIp, AFirstFragmentIsNotMalformedForWhatLiesInTheNext) {
    // The UDP length counts all pieces.
    const Frame udp =
        parse(four().udp(7, 8).fragment(0, true).wrong_udp_length(3000).payload("abcd"));
    EXPECT_TRUE(udp.is_udp());
    EXPECT_FALSE(udp.is_malformed());
    EXPECT_EQ(udp.payload_length, 4U);
    // Eight bytes of TCP (RFC 1858, 3): the ports cannot be trusted, but it is not an error.
    Buffer tiny = four().proto(kProtoTcp).fragment(0, true);
    tiny = four().tcp(7, 8).fragment(0, true).wrong_ip_length(28);
    EXPECT_TRUE(parse(tiny).is_first_fragment());
    EXPECT_FALSE(parse(tiny).has_ports() || parse(tiny).is_malformed());
    // TCP options that continue in the next piece.
    const Frame options = parse(four().tcp(7, 8).fragment(0, true).wrong_data_offset(15));
    EXPECT_FALSE(options.has_ports() || options.is_malformed());
}

TEST(FrameIp, ExtensionHeadersLeadToTheUpperLayer) {
    const Buffer bytes = six().hop_by_hop().destination(3).routing(0).ah().tcp(7, 8).payload("x");
    const Frame f = parse(bytes);
    ASSERT_TRUE(f.is_tcp());
    EXPECT_EQ(f.ip_proto, kProtoTcp);
    EXPECT_EQ(f.l4_offset, 54 + 8 + 24 + 24 + 24);
    EXPECT_EQ(f.dst_port, 8);
    EXPECT_EQ(payload_of(bytes, f), "x");
    EXPECT_FALSE(f.flags & kSourceRouted);
}

TEST(FrameIp, ARoutingHeaderWithHopsToGoIsMarked) {
    const Frame f = parse(six().routing(1).tcp(7, 8));
    EXPECT_TRUE(f.is_tcp());
    EXPECT_TRUE(f.flags & kSourceRouted);
}

TEST(FrameIp, ExtensionHeadersAreWalkedToTheirBoundAndNotBeyond) {
    Eth eth = six();
    for (unsigned n = 0; n < kMaxExtensionHeaders; ++n) {
        eth.destination();
    }
    EXPECT_TRUE(parse(eth.tcp(7, 8)).is_tcp());
    const Frame more = parse(eth.destination().tcp(7, 8));
    EXPECT_FALSE(more.has_ports() || more.is_malformed());
    EXPECT_EQ(more.ip_proto, kProtoDestination);
    EXPECT_EQ(more.l4_offset, 54 + 8 * kMaxExtensionHeaders);
    EXPECT_EQ(more.unreadable, bit_of(Unreadable::ip_headers));
}

TEST(FrameIp, EspAndNoNextHeaderStopTheWalk) {
    for (const std::uint8_t proto : {kProtoEsp, kProtoNone}) {
        const Frame f = parse(six().hop_by_hop().proto(proto).payload("12345678"));
        EXPECT_EQ(f.ip_proto, proto);
        EXPECT_FALSE(f.has_ports() || f.is_malformed());
        EXPECT_EQ(f.payload_length, 8U);
    }
}

TEST(FrameIp, Ipv6FragmentsAreToldApart) {
    const Frame first = parse(six().hop_by_hop().fragment(0, true).udp(7, 8).payload("12345678"));
    EXPECT_TRUE(first.is_fragment() && first.is_first_fragment() && first.is_udp());
    const Frame later = parse(six().fragment(1448, true).proto(kProtoUdp).payload("12345678"));
    EXPECT_TRUE(later.is_fragment());
    EXPECT_FALSE(later.is_first_fragment() || later.has_ports() || later.is_malformed());
    EXPECT_EQ(later.ip_proto, kProtoUdp);
    // A later piece does not begin with an extension header, even if the number says so.
    const Frame disguised = parse(six().fragment(8, false).proto(kProtoDestination).payload("abc"));
    EXPECT_FALSE(disguised.has_ports() || disguised.is_malformed());
    EXPECT_EQ(disguised.payload_length, 3U);
}

TEST(FrameIp, AnAtomicFragmentIsAnOrdinaryPacket) {
    const Frame f = parse(six().fragment(0, false).tcp(7, 8).payload("x"));
    EXPECT_TRUE(f.is_tcp());
    EXPECT_FALSE(f.is_fragment() || f.is_first_fragment());
}

TEST(FrameIp, UdpLengthZeroOverIpv6MeansTheRest) {
    const Buffer bytes = six().udp(7, 53).payload("query").wrong_udp_length(0);
    const Frame f = parse(bytes);
    EXPECT_TRUE(f.is_udp());
    EXPECT_EQ(payload_of(bytes, f), "query");
}

TEST(FrameIp, ContradictingLengthsAreMalformedAndGiveNoPorts) {
    const struct {
        const char* what;
        Buffer bytes;
    } kTable[] = {
        {"IPv4 version 5", four().tcp(1, 2).wrong_ip_version(5)},
        {"IPv4 version 6", four().tcp(1, 2).wrong_ip_version(6)},
        {"IHL 0", four().tcp(1, 2).wrong_ihl(0)},
        {"IHL 4", four().tcp(1, 2).wrong_ihl(4)},
        {"IHL beyond the total length", four().udp(1, 2).wrong_ihl(15)},
        {"total length 0", four().tcp(1, 2).payload("x").wrong_ip_length(0)},
        {"total length 19", four().tcp(1, 2).wrong_ip_length(19)},
        {"total length beyond the frame", four().tcp(1, 2).wrong_ip_length(41)},
        {"total length 65535", four().tcp(1, 2).wrong_ip_length(65535)},
        {"no room for the TCP header", four().tcp(1, 2).wrong_ip_length(39)},
        {"no TCP header at all", four().tcp(1, 2).wrong_ip_length(20)},
        {"data offset 0", four().tcp(1, 2).wrong_data_offset(0)},
        {"data offset 4", four().tcp(1, 2).wrong_data_offset(4)},
        {"data offset beyond the packet", four().tcp(1, 2).payload("abc").wrong_data_offset(6)},
        {"no room for the UDP header", four().udp(1, 2).wrong_ip_length(27)},
        {"UDP length 0 over IPv4", four().udp(1, 2).payload("abc").wrong_udp_length(0)},
        {"UDP length 7", four().udp(1, 2).payload("abc").wrong_udp_length(7)},
        {"UDP length beyond the packet", four().udp(1, 2).payload("abc").wrong_udp_length(12)},
        {"UDP length beyond it, in padding",
         four().udp(1, 2).payload("abc").wrong_udp_length(12).pad()},
        {"IPv6 version 4", six().tcp(1, 2).wrong_ip_version(4)},
        {"IPv6 payload beyond the frame", six().tcp(1, 2).wrong_ip_length(21)},
        {"IPv6 payload 0 with TCP", six().tcp(1, 2).wrong_ip_length(0)},
        {"IPv6 UDP length 7", six().udp(1, 2).wrong_udp_length(7)},
        {"extension header beyond the packet", six().hop_by_hop().wrong_ip_length(7)},
        {"long extension header", six().extension(kProtoDestination, Buffer(7, 0xff)).tcp(1, 2)},
        {"long AH", six().extension(kProtoAh, Buffer(7, 0xff)).tcp(1, 2)},
        {"fragment header cut", six().fragment(0, false).wrong_ip_length(6)},
    };
    for (const auto& row : kTable) {
        const Frame f = parse(row.bytes);
        EXPECT_TRUE(f.is_malformed()) << row.what;
        EXPECT_FALSE(f.has_ports()) << row.what;
        EXPECT_FALSE(f.head_truncated()) << row.what;
        if (f.is_ip()) {
            EXPECT_EQ(f.payload_length, 0U) << row.what;
        }
    }
}

}  // namespace
}  // namespace minerwall::packet

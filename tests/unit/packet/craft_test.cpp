#include "packet/craft.hpp"

#include <gtest/gtest.h>

#include "packet/checksum.hpp"
#include "parse.hpp"

namespace minerwall::packet {
namespace {

using test::Buffer;
using test::Eth;

Buffer reset_of(const Buffer& original, Toward toward, std::uint32_t seq, std::uint32_t ack,
                bool with_ack) {
    Buffer out(kMaxResetLength, 0xcc);
    out.resize(craft_reset(out, original, parse(original), toward, seq, ack, with_ack));
    return out;
}
Buffer udp_of(const Buffer& original, Toward toward, std::string_view payload) {
    Buffer out(2048, 0xcc);
    out.resize(craft_udp_reply(out, original, parse(original), toward, as_bytes(payload)));
    return out;
}

// What every crafted frame promises.
Frame expect_sound(const Buffer& crafted, const Buffer& original, Toward toward) {
    const Frame was = parse(original);
    const Frame f = parse(crafted);
    EXPECT_GE(crafted.size(), 60U);
    EXPECT_TRUE(f.has_ports());
    EXPECT_EQ(f.flags, kHasPorts | (was.flags & (kMpls | kPppoe)));
    EXPECT_TRUE(verify_ip_checksum(crafted, f));
    EXPECT_TRUE(verify_l4_checksum(Bytes(crafted).subspan(f.l4_offset), f));

    const bool back = toward == Toward::sender;
    EXPECT_EQ(f.src, back ? was.dst : was.src);
    EXPECT_EQ(f.dst, back ? was.src : was.dst);
    EXPECT_EQ(f.src_port, back ? was.dst_port : was.src_port);
    EXPECT_EQ(f.dst_port, back ? was.src_port : was.dst_port);
    EXPECT_TRUE(
        std::equal(crafted.begin(), crafted.begin() + 6, original.begin() + (back ? 6 : 0)));
    EXPECT_TRUE(
        std::equal(crafted.begin() + 6, crafted.begin() + 12, original.begin() + (back ? 0 : 6)));
    EXPECT_EQ(f.ip_proto, was.ip_proto);
    EXPECT_EQ(f.vlan_count, was.vlan_count);
    EXPECT_EQ(f.vlan_tci[0], was.vlan_tci[0]);
    EXPECT_EQ(f.vlan_tci[1], was.vlan_tci[1]);
    for (std::size_t i = f.payload_offset + f.payload_length; i < crafted.size(); ++i) {
        EXPECT_EQ(crafted[i], 0) << "padding leaks memory at " << i;
    }
    return f;
}

// TCP behind every link header that can be answered.
std::vector<Eth> links() {
    return {Eth(),
            Eth().vlan(5),
            Eth().vlan(100, kEtherServiceVlan).vlan(200),
            Eth().vlan(1).vlan(2).vlan(3).vlan(4).vlan(5).vlan(6).vlan(7).vlan(8),
            Eth().pppoe(0x1234),
            Eth().vlan(35).pppoe(1)};
}

TEST(CraftReset, IsByteForByteWhatScapyMakes) {
    const Buffer original = Eth().ipv4("192.0.2.1", "198.51.100.2").tcp(40000, 3333).payload("{");
    const Buffer expected = {
        0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x08, 0x00, 0x45,
        0x00, 0x00, 0x28, 0x00, 0x00, 0x40, 0x00, 0x40, 0x06, 0x4e, 0x99, 0xc6, 0x33, 0x64, 0x02,
        0xc0, 0x00, 0x02, 0x01, 0x0d, 0x05, 0x9c, 0x40, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
        0x88, 0x50, 0x14, 0x00, 0x00, 0x08, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
    EXPECT_EQ(reset_of(original, Toward::sender, 0x11223344, 0x55667788, true), expected);
}

TEST(CraftReset, KeepsTheLinkHeaderInBothDirectionsAndFamilies) {
    for (Eth link : links()) {
        for (const Toward toward : {Toward::sender, Toward::receiver}) {
            Eth eth4 = link, eth6 = link;
            for (const Buffer& original :
                 {eth4.ipv4("10.0.0.1", "10.0.0.2").tcp(40000, 3333).payload("abc").build(),
                  eth6.ipv6("2001:db8::1", "2001:db8::2").tcp(40000, 3333).build()}) {
                const Frame f =
                    expect_sound(reset_of(original, toward, 77, 88, true), original, toward);
                EXPECT_EQ(f.tcp_seq, 77U);
                EXPECT_EQ(f.tcp_ack, 88U);
                EXPECT_EQ(f.tcp_flags, kTcpRst | kTcpAck);
                EXPECT_EQ(f.payload_length, 0U);
            }
        }
    }
}

TEST(CraftReset, WithoutAckTheAckFieldIsZero) {
    const Buffer original = Eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2).ack(5);
    const Frame f = parse(reset_of(original, Toward::sender, 5, 99, false));
    EXPECT_EQ(f.tcp_flags, kTcpRst);
    EXPECT_EQ(f.tcp_seq, 5U);
    EXPECT_EQ(f.tcp_ack, 0U);
}

TEST(CraftReset, LeavesOutOptionsAndExtensionHeaders) {
    const Buffer v4 = Eth()
                          .ipv4("10.0.0.1", "10.0.0.2")
                          .ip_options(Buffer(40, 1))
                          .tcp(1, 2)
                          .tcp_options(Buffer(40, 1))
                          .payload(Buffer(1000));
    EXPECT_EQ(expect_sound(reset_of(v4, Toward::sender, 1, 2, true), v4, Toward::sender).l4_offset,
              34);
    const Buffer v6 = Eth().ipv6("fe80::1", "fe80::2").hop_by_hop().destination(4).tcp(1, 2);
    const Buffer reset = reset_of(v6, Toward::receiver, 1, 2, true);
    EXPECT_EQ(reset.size(), 74U);
    EXPECT_EQ(expect_sound(reset, v6, Toward::receiver).l4_offset, 54);
}

TEST(CraftReset, HasAFreshHopLimitAndIsNeverFragmented) {
    const Buffer v4 = Eth().ipv4("10.0.0.1", "10.0.0.2").ttl(1).tcp(1, 2);
    const Buffer reset4 = reset_of(v4, Toward::sender, 1, 2, true);
    EXPECT_EQ(reset4[14 + 8], 64);
    EXPECT_EQ(load_be16(reset4.data() + 14 + 6), kIpv4DontFragment);
    const Buffer v6 = Eth().ipv6("fe80::1", "fe80::2").ttl(1).tcp(1, 2);
    EXPECT_EQ(reset_of(v6, Toward::sender, 1, 2, true)[14 + 7], 64);
}

TEST(CraftReset, ThroughMplsOnlyOnward) {
    const Buffer original = Eth().mpls(16).mpls(17).ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2);
    EXPECT_TRUE(reset_of(original, Toward::sender, 1, 2, true).empty());
    const Buffer onward = reset_of(original, Toward::receiver, 1, 2, true);
    expect_sound(onward, original, Toward::receiver);
    EXPECT_TRUE(std::equal(onward.begin(), onward.begin() + 22, original.begin()));
}

TEST(CraftReset, NeverComesFromAGroupAddress) {
    const Buffer original =
        Eth(test::kClientMac, {0x03, 0xbf, 0, 0, 0, 1}).ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2);
    EXPECT_TRUE(reset_of(original, Toward::sender, 1, 2, true).empty());
    expect_sound(reset_of(original, Toward::receiver, 1, 2, true), original, Toward::receiver);
}

TEST(CraftReset, NeedsRoomForTheWholeFrame) {
    const Buffer original = Eth().vlan(5).ipv6("fe80::1", "fe80::2").tcp(1, 2);
    const Frame f = parse(original);
    const std::size_t needed = 18 + 40 + 20;
    for (std::size_t room = 0; room <= needed; ++room) {
        const auto out = std::make_unique<std::uint8_t[]>(room);
        EXPECT_EQ(craft_reset({out.get(), room}, original, f, Toward::sender, 1, 2, true),
                  room == needed ? needed : 0);
    }
    // Padding counts.
    const Buffer small = Eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2);
    Buffer out(59);
    EXPECT_EQ(craft_reset(out, small, parse(small), Toward::sender, 1, 2, true), 0U);
}

TEST(CraftReset, IsNotMadeOfWhatIsNotTcp) {
    EXPECT_TRUE(
        reset_of(Eth().ipv4("10.0.0.1", "10.0.0.2").udp(1, 2), Toward::sender, 1, 2, true).empty());
    EXPECT_TRUE(reset_of(Eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2).wrong_data_offset(1),
                         Toward::sender, 1, 2, true)
                    .empty());
    EXPECT_TRUE(reset_of(Eth().ethertype(kEtherArp).payload(Buffer(46)), Toward::sender, 1, 2, true)
                    .empty());
    const Buffer original = Eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2);
    Buffer out(kMaxResetLength);
    EXPECT_EQ(
        craft_reset(out, Bytes(original).first(13), parse(original), Toward::sender, 1, 2, true),
        0U);
}

TEST(CraftUdp, IsByteForByteWhatScapyMakes) {
    const Buffer original =
        Eth().vlan(5).ipv6("2001:db8::1", "2001:db8::53").udp(50000, 53).payload("query");
    const Buffer expected = {
        0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x81, 0x00, 0x00,
        0x05, 0x86, 0xdd, 0x60, 0x00, 0x00, 0x00, 0x00, 0x0f, 0x11, 0x40, 0x20, 0x01, 0x0d, 0xb8,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x53, 0x20, 0x01, 0x0d,
        0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x35,
        0xc3, 0x50, 0x00, 0x0f, 0x85, 0x2c, 0x61, 0x6e, 0x73, 0x77, 0x65, 0x72, 0x21};
    EXPECT_EQ(udp_of(original, Toward::sender, "answer!"), expected);
}

TEST(CraftUdp, AnswersAQueryAndReplacesAResponse) {
    for (Eth link : links()) {
        for (const Toward toward : {Toward::sender, Toward::receiver}) {
            Eth eth4 = link, eth6 = link;
            for (const Buffer& original :
                 {eth4.ipv4("10.0.0.1", "10.0.0.2").udp(50000, 53).payload("query").build(),
                  eth6.ipv6("2001:db8::1", "2001:db8::2").udp(50000, 53).payload("q").build()}) {
                for (const std::size_t length : {0, 1, 12, 17, 512, 1232}) {
                    const std::string answer(length, 'a');
                    const Buffer crafted = udp_of(original, toward, answer);
                    const Frame f = expect_sound(crafted, original, toward);
                    EXPECT_EQ(payload_of(crafted, f), answer);
                }
            }
        }
    }
}

TEST(CraftUdp, ASumOfZeroIsSentAsOnes) {
    const Buffer original = Eth().ipv4("10.0.0.1", "10.0.0.2").udp(50000, 53).payload("query");
    // The payload that brings the sum to zero equals the checksum of the datagram with zeros in its
    // place.
    const Buffer zeros = udp_of(original, Toward::sender, std::string_view("\0\0", 2));
    const std::uint8_t* field = zeros.data() + 14 + 20 + 6;
    const std::string_view complement(reinterpret_cast<const char*>(field), 2);
    const Buffer crafted = udp_of(original, Toward::sender, complement);
    EXPECT_EQ(load_be16(crafted.data() + 14 + 20 + 6), 0xffff);
    expect_sound(crafted, original, Toward::sender);
}

TEST(CraftUdp, RefusesWhatNoDatagramHolds) {
    const auto length_of = [](const Buffer& original, std::size_t payload) {
        Buffer out(70000);
        return craft_udp_reply(out, original, parse(original), Toward::sender, Buffer(payload));
    };
    const Buffer v4 = Eth().ipv4("10.0.0.1", "10.0.0.2").udp(1, 53);
    EXPECT_EQ(length_of(v4, 65507), 14U + 65535U);
    EXPECT_EQ(length_of(v4, 65508), 0U);
    const Buffer v6 = Eth().ipv6("fe80::1", "fe80::2").udp(1, 53);
    EXPECT_EQ(length_of(v6, 65527), 14U + 40U + 65535U);
    EXPECT_EQ(length_of(v6, 65528), 0U);
    const Buffer pppoe = Eth().pppoe(1).ipv4("10.0.0.1", "10.0.0.2").udp(1, 53);
    EXPECT_EQ(length_of(pppoe, 65505), 22U + 65533U);
    EXPECT_EQ(length_of(pppoe, 65506), 0U);
}

TEST(CraftUdp, IsNotMadeOfTcp) {
    EXPECT_TRUE(
        udp_of(Eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 53), Toward::sender, "answer").empty());
}

}  // namespace
}  // namespace minerwall::packet

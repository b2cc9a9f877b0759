#include "packet/checksum.hpp"

#include <gtest/gtest.h>

#include "parse.hpp"

namespace minerwall::packet {
namespace {

using test::Buffer;
using test::Eth;

Bytes l4_of(const Buffer& bytes, const Frame& f) {
    return Bytes(bytes).subspan(f.l4_offset);
}
bool verified(const Buffer& bytes) {
    const Frame f = parse(bytes);
    return verify_l4_checksum(l4_of(bytes, f), f);
}

TEST(Checksum, TheExampleOfRfc1071) {
    const Buffer bytes = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
    EXPECT_EQ(finish_checksum(add_checksum(bytes)), 0xffff - 0xddf2);
}

TEST(Checksum, EqualsTheByteWiseSumForEveryLengthAndAlignment) {
    Buffer bytes(257 + 8);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<std::uint8_t>(i * 167 + 13);
    }
    for (std::size_t start = 0; start < 8; ++start) {
        for (std::size_t n = 0; n <= 257; ++n) {
            const Bytes part = Bytes(bytes).subspan(start, n);
            EXPECT_EQ(finish_checksum(add_checksum(part)),
                      test::internet_checksum(Buffer(part.begin(), part.end())));
        }
    }
}

TEST(Checksum, CarriesOfALongRunOfOnesAreKept) {
    const Buffer ones(65536, 0xff);
    EXPECT_EQ(finish_checksum(add_checksum(ones)), test::internet_checksum(ones));
}

TEST(Checksum, ASumMayBeMadeOfEvenPieces) {
    const Buffer bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    const Bytes all(bytes);
    for (const std::size_t cut : {2, 4, 6, 8}) {
        EXPECT_EQ(finish_checksum(add_checksum(all.subspan(cut), add_checksum(all.first(cut)))),
                  finish_checksum(add_checksum(all)));
    }
}

TEST(Checksum, RightSumsVerifyForEveryCombination) {
    for (const char* payload : {"", "a", "ab", "abc", "some more bytes of payload"}) {
        EXPECT_TRUE(verified(Eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2).payload(payload)));
        EXPECT_TRUE(verified(Eth().ipv4("10.0.0.1", "10.0.0.2").udp(1, 2).payload(payload)));
        EXPECT_TRUE(verified(Eth().ipv6("2001:db8::1", "fe80::2").tcp(1, 2).payload(payload)));
        EXPECT_TRUE(verified(Eth().ipv6("2001:db8::1", "fe80::2").udp(1, 2).payload(payload)));
        EXPECT_TRUE(verified(
            Eth().ipv6("2001:db8::1", "fe80::2").destination().tcp(1, 2).payload(payload)));
    }
}

TEST(Checksum, PaddingBehindThePacketIsNotSummed) {
    EXPECT_TRUE(verified(Eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2).payload("a").trailer(9)));
}

TEST(Checksum, OneFlippedBitIsSeen) {
    const Buffer good = Eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2).seq(9).payload("payload");
    const Frame f = parse(good);
    for (std::size_t i = f.l4_offset; i < good.size(); ++i) {
        Buffer bad = good;
        bad[i] ^= 0x10;
        EXPECT_FALSE(verify_l4_checksum(l4_of(bad, f), f)) << i;
    }
}

TEST(Checksum, UdpWithoutOneIsRightOverIpv4Only) {
    EXPECT_TRUE(
        verified(Eth().ipv4("10.0.0.1", "10.0.0.2").udp(1, 2).payload("abc").wrong_l4_checksum(0)));
    EXPECT_FALSE(
        verified(Eth().ipv6("fe80::1", "fe80::2").udp(1, 2).payload("abc").wrong_l4_checksum(0)));
    EXPECT_FALSE(
        verified(Eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2).payload("abc").wrong_l4_checksum(0)));
}

TEST(Checksum, FragmentsAndMissingBytesDoNotVerify) {
    EXPECT_FALSE(
        verified(Eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2).fragment(0, true).payload("x")));
    const Buffer bytes = Eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2).payload("abc");
    const Frame f = parse(bytes);
    EXPECT_FALSE(verify_l4_checksum(l4_of(bytes, f).first(22), f));
}

TEST(Checksum, ASourceRoutedPacketIsLeftToItsReceiver) {
    EXPECT_TRUE(
        verified(Eth().ipv6("fe80::1", "fe80::2").routing(1).tcp(1, 2).wrong_l4_checksum(0x1234)));
}

TEST(Checksum, TheIpv4HeaderIsVerifiedWithItsOptions) {
    const auto ok = [](const Buffer& bytes) { return verify_ip_checksum(bytes, parse(bytes)); };
    EXPECT_TRUE(ok(Eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2)));
    EXPECT_TRUE(ok(Eth().ipv4("10.0.0.1", "10.0.0.2").ip_options(Buffer(12, 1)).tcp(1, 2)));
    EXPECT_FALSE(ok(Eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2).wrong_ip_checksum(0)));
    EXPECT_TRUE(ok(Eth().ipv6("fe80::1", "fe80::2").tcp(1, 2)));
    EXPECT_FALSE(ok(Eth().ethertype(kEtherArp).payload(Buffer(46))));
    const Buffer bytes = Eth().ipv4("10.0.0.1", "10.0.0.2").ip_options(Buffer(12, 1)).tcp(1, 2);
    EXPECT_FALSE(verify_ip_checksum(Bytes(bytes).first(40), parse(bytes)));
}

}  // namespace
}  // namespace minerwall::packet

#include "proto/peers/coin_p2p.hpp"

#include <gtest/gtest.h>

#include <string>

namespace minerwall::proto {
namespace {

using namespace std::string_literals;

CoinP2p stream(const std::string& s) {
    return classify_stream(as_bytes(s));
}
CoinP2p datagram(const std::string& s) {
    return classify_udp(as_bytes(s));
}

std::string version(const std::string& magic, std::uint32_t length = 102) {
    std::string s = magic + "version\0\0\0\0\0"s;
    for (int i = 0; i < 4; ++i) {
        s += static_cast<char>(length >> (8 * i));
    }
    return s + "\x5c\x93\x1d\x20" + "\x80\x11\x01\0"s;
}

TEST(CoinP2pStream, EachNetworkHasItsMagic) {
    EXPECT_EQ(stream(version("\xf9\xbe\xb4\xd9")), CoinP2p::bitcoin);
    EXPECT_EQ(stream(version("\x0b\x11\x09\x07")), CoinP2p::bitcoin);
    EXPECT_EQ(stream(version("\x1c\x16\x3f\x28")), CoinP2p::bitcoin);
    EXPECT_EQ(stream(version("\x0a\x03\xcf\x40")), CoinP2p::bitcoin);
    EXPECT_EQ(stream(version("\xfa\xbf\xb5\xda")), CoinP2p::bitcoin);
    EXPECT_EQ(stream(version("\xe3\xe1\xf3\xe8")), CoinP2p::bitcoin_cash);
    EXPECT_EQ(stream(version("\xfb\xc0\xb6\xdb")), CoinP2p::litecoin);
    EXPECT_EQ(stream(version("\xfd\xd2\xc8\xf1")), CoinP2p::litecoin);
    EXPECT_EQ(stream(version("\xc0\xc0\xc0\xc0")), CoinP2p::dogecoin);
    EXPECT_EQ(stream(version("\xfc\xc1\xb7\xdc")), CoinP2p::dogecoin);
    EXPECT_EQ(stream(version("\xbf\x0c\x6b\xbd")), CoinP2p::dash);
    EXPECT_EQ(stream(version("\x24\xe9\x27\x64")), CoinP2p::zcash);
    EXPECT_EQ(to_text(stream(version("\xf9\xbe\xb4\xd9"))), "bitcoin");
}

TEST(CoinP2pStream, IsToldAsSoonAsItIsCertain) {
    const std::string whole = version("\xf9\xbe\xb4\xd9");
    for (std::size_t n = 0; n < whole.size(); ++n) {
        EXPECT_EQ(stream(whole.substr(0, n)), n < 20 ? CoinP2p::need_more : CoinP2p::bitcoin) << n;
    }
}

TEST(CoinP2pStream, AMagicAloneIsNothing) {
    EXPECT_EQ(stream("\xf9\xbe\xb4\xd9verack\0\0\0\0\0\0"s), CoinP2p::none);
    EXPECT_EQ(stream(version("\xf9\xbe\xb4\xda")), CoinP2p::none);
    EXPECT_EQ(stream(version("\xf9\xbe\xb4\xd9", 45)), CoinP2p::none);
    EXPECT_EQ(stream(version("\xf9\xbe\xb4\xd9", 1025)), CoinP2p::none);
    EXPECT_EQ(stream("version"), CoinP2p::none);
}

const std::string kLevin = "\x01\x21\x01\x01\x01\x01\x01\x01\xe2\0\0\0\0\0\0\0\x01"s +
                           "\xe9\x03\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0"s;

TEST(CoinP2pStream, LevinNeedsASaneHeader) {
    for (std::size_t n = 0; n < kLevin.size(); ++n) {
        EXPECT_EQ(stream(kLevin.substr(0, n)), CoinP2p::need_more) << n;
    }
    EXPECT_EQ(stream(kLevin), CoinP2p::monero);
    EXPECT_EQ(stream(kLevin + "body"), CoinP2p::monero);
    for (const std::size_t at : {0u, 7u, 15u, 16u, 26u, 29u, 32u}) {
        std::string bad = kLevin;
        bad[at] = '\x77';
        EXPECT_EQ(stream(bad), CoinP2p::none) << at;
    }
}

// Hash, signature with recovery id 1, type and list.
std::string packet(unsigned type, const std::string& items) {
    std::string list = items;
    if (items.size() < 56) {
        list.insert(0, 1, static_cast<char>(0xc0 + items.size()));
    } else if (items.size() < 256) {
        list.insert(0, "\xf8"s + static_cast<char>(items.size()));
    } else {
        list.insert(
            0, "\xf9"s + static_cast<char>(items.size() >> 8) + static_cast<char>(items.size()));
    }
    return std::string(96, '\x9b') + "\x01" + static_cast<char>(type) + list;
}
const std::string kEndpoint = "\xcb\x84\xc0\x00\x02\x01\x82\x76\x5f\x82\x76\x5f"s;
const std::string kTime = "\x84\x65\x01\x02\x03";
const std::string kHash = "\xa0" + std::string(32, 'h');

TEST(CoinP2pDatagram, AllSixPacketsOfDiscoveryAreKnown) {
    EXPECT_EQ(datagram(packet(1, "\x04" + kEndpoint + kEndpoint + kTime)), CoinP2p::ethereum);
    EXPECT_EQ(datagram(packet(1, "\x04" + kEndpoint + "\xc3\x80\x80\x80" + kTime + "\x86xxxxxx")),
              CoinP2p::ethereum);
    EXPECT_EQ(datagram(packet(2, kEndpoint + kHash + kTime)), CoinP2p::ethereum);
    EXPECT_EQ(datagram(packet(3, "\xb8\x40" + std::string(64, 'k') + kTime)), CoinP2p::ethereum);
    const std::string node = "\xf8\x4d" + kEndpoint.substr(1) + "\xb8\x40" + std::string(64, 'k');
    const std::string nodes = "\xf8\x9e" + node + node;
    EXPECT_EQ(datagram(packet(4, nodes + kTime)), CoinP2p::ethereum);
    EXPECT_EQ(datagram(packet(4, "\xc0" + kTime)), CoinP2p::ethereum);
    EXPECT_EQ(datagram(packet(5, kTime)), CoinP2p::ethereum);
    EXPECT_EQ(datagram(packet(6, kHash + "\xf8\x80" + std::string(128, 'r'))), CoinP2p::ethereum);
}

TEST(CoinP2pDatagram, WhatDoesNotAddUpIsNone) {
    const std::string ping = packet(1, "\x04" + kEndpoint + kEndpoint + kTime);
    for (std::size_t n = 0; n < ping.size(); ++n) {
        EXPECT_EQ(datagram(ping.substr(0, n)), CoinP2p::none) << n;
    }
    EXPECT_EQ(datagram(ping + "x"), CoinP2p::none);
    EXPECT_EQ(datagram(packet(0, kTime)), CoinP2p::none);
    EXPECT_EQ(datagram(packet(7, kTime)), CoinP2p::none);
    EXPECT_EQ(datagram(packet(1, kTime)), CoinP2p::none);
    EXPECT_EQ(datagram(packet(3, kTime)), CoinP2p::none);
    EXPECT_EQ(datagram(packet(4, "\xc4xxxx" + kTime)), CoinP2p::none);
    std::string recovery = ping;
    recovery[96] = '\x02';
    EXPECT_EQ(datagram(recovery), CoinP2p::none);
    EXPECT_EQ(datagram(packet(6, kHash + "\xf9\x05\x00" + std::string(1280, 'r'))), CoinP2p::none);
    EXPECT_EQ(datagram(std::string(200, '\0')), CoinP2p::none);
    EXPECT_EQ(datagram(""), CoinP2p::none);
}

TEST(CoinP2pDatagram, ACutCaptureIsJudgedByItsSizeOnTheWire) {
    const std::string whole = packet(6, kHash + "\xf8\x80" + std::string(128, 'r'));
    EXPECT_EQ(classify_udp(as_bytes(whole).first(160), whole.size()), CoinP2p::ethereum);
}

}  // namespace
}  // namespace minerwall::proto

#include "base/address.hpp"

#include <gtest/gtest.h>

namespace minerwall {
namespace {

TEST(Address, TextRoundTripsInItsCanonicalForm) {
    const struct {
        const char* in;
        const char* out;
        bool v4;
    } kTable[] = {
        {"0.0.0.0", "0.0.0.0", true},
        {"255.255.255.255", "255.255.255.255", true},
        {"192.0.2.1", "192.0.2.1", true},
        {"::", "::", false},
        {"::1", "::1", false},
        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1", false},
        {"2001:db8::1:0:0:1", "2001:db8::1:0:0:1", false},
        {"::ffff:192.0.2.1", "192.0.2.1", true},  // both spellings have one key
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
         false},
    };
    for (const auto& row : kTable) {
        const auto address = parse_address(row.in);
        ASSERT_TRUE(address) << row.in;
        EXPECT_EQ(to_text(*address), row.out);
        EXPECT_EQ(address->is_v4(), row.v4) << row.in;
    }
}

TEST(Address, WhatIsNotOneIsRefused) {
    for (const char* text : {"", " ", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ",
                             " 1.2.3.4", "1.2.3.4/8", "0x7f.1", "::/0", "fe80::1%eth0", "[::1]",
                             ":::", "1::2::3", "12345::", "localhost", "2001:db8", "v6.10.0"}) {
        EXPECT_FALSE(parse_address(text)) << text;
    }
    EXPECT_FALSE(parse_address(std::string_view("1.2.3.4\0", 8)));
    EXPECT_FALSE(parse_address(std::string(100000, '1')));
}

TEST(Address, ReadsNoFurtherThanTheView) {
    EXPECT_EQ(parse_address(std::string_view("1.2.3.45", 7)), parse_address("1.2.3.4"));
}

TEST(Address, Ipv4LiesInTheMappedPrefix) {
    const std::uint8_t four[] = {192, 0, 2, 1};
    const auto a = IpAddress::v4(four);
    EXPECT_TRUE(a.is_v4());
    EXPECT_EQ(std::memcmp(a.v4_bytes(), four, 4), 0);
    EXPECT_EQ(a, parse_address("::ffff:192.0.2.1"));
    EXPECT_FALSE(IpAddress{}.is_v4());
}

TEST(Address, OrdersByItsBytes) {
    const auto at = [](const char* text) { return *parse_address(text); };
    EXPECT_TRUE(at("10.0.0.1") < at("10.0.0.2"));
    EXPECT_FALSE(at("10.0.0.2") < at("10.0.0.1"));
    EXPECT_FALSE(at("10.0.0.1") < at("10.0.0.1"));
    EXPECT_TRUE(at("9.255.255.255") < at("200.0.0.0"));
    EXPECT_TRUE(at("::1") < at("0.0.0.0"));  // the mapped prefix is above ::1
    EXPECT_TRUE(at("255.255.255.255") < at("2001:db8::"));
    EXPECT_NE(at("2001:db8::1"), at("2001:db8::2"));
}

}  // namespace
}  // namespace minerwall

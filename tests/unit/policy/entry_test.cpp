#include "policy/entry.hpp"

#include <gtest/gtest.h>

namespace minerwall::policy {
namespace {

std::string domain(std::string_view raw) {
    std::string canonical;
    const std::string fault = parse_domain_entry(raw, canonical);
    return fault.empty() ? canonical : "fault: " + fault;
}
std::string address(std::string_view raw) {
    match::Prefix prefix;
    const std::string fault = parse_address_entry(raw, prefix);
    return fault.empty() ? to_text(prefix) : "fault: " + fault;
}

TEST(DomainEntry, IsBroughtIntoOneForm) {
    EXPECT_EQ(domain("Pool.Example.COM."), "pool.example.com");
    EXPECT_EQ(domain("*.pool.example.com"), "pool.example.com");
    EXPECT_EQ(domain("=Pool.example.com"), "=pool.example.com");
    EXPECT_EQ(domain("_stratum._tcp.pool.example"), "_stratum._tcp.pool.example");
    EXPECT_EQ(domain("xn--mnchen-3ya.example"), "xn--mnchen-3ya.example");
    EXPECT_EQ(domain("2miners.com"), "2miners.com");
}

TEST(DomainEntry, RefusesWhatIsNoName) {
    EXPECT_NE(domain("").find("empty"), std::string::npos);
    EXPECT_NE(domain(".").find("empty"), std::string::npos);
    EXPECT_NE(domain("a..example").find("empty label"), std::string::npos);
    EXPECT_NE(domain(".example.com").find("empty label"), std::string::npos);
    EXPECT_NE(domain("-a.example").find("hyphen"), std::string::npos);
    EXPECT_NE(domain("a b.example").find("white space"), std::string::npos);
    EXPECT_NE(domain("a,b.example").find("character `,`"), std::string::npos);
    EXPECT_NE(domain("m\xc3\xbcnchen.example").find("punycode"), std::string::npos);
    EXPECT_NE(domain("a.*.example").find("wildcard"), std::string::npos);
    EXPECT_NE(domain(std::string(64, 'a') + ".example").find("longer than 63"), std::string::npos);
    EXPECT_NE(domain("192.0.2.1").find("an address, not a name"), std::string::npos);
    EXPECT_NE(domain("2001:db8::1").find("an address, not a name"), std::string::npos);
    EXPECT_NE(domain("1.2.3").find("last label is a number"), std::string::npos);
    EXPECT_NE(domain("stratum+tcp://pool.example:3333").find("did you mean `pool.example`?"),
              std::string::npos);
    EXPECT_NE(domain("pool.example:3333").find("did you mean `pool.example`?"), std::string::npos);
    std::string longest = "example.com";
    while (longest.size() <= 253) {
        longest = "abcdefgh." + longest;
    }
    EXPECT_NE(domain(longest).find("longer than 253"), std::string::npos);
}

TEST(DomainEntry, RefusesSuffixesThatManyOwnersShare) {
    for (const char* name : {"com", "=com", "co.uk", "*.com.au", "duckdns.org", "ddns.net",
                             "ngrok.io", "trycloudflare.com", "org.uk"}) {
        EXPECT_TRUE(domain(name).starts_with("fault")) << name;
    }
    for (const char* name : {"example.co.uk", "miner.duckdns.org", "ab.com", "co.com"}) {
        EXPECT_EQ(domain(name), name);
    }
}

TEST(AddressEntry, IsBroughtIntoOneForm) {
    EXPECT_EQ(address("192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(address("192.0.2.1/32"), "192.0.2.1");
    EXPECT_EQ(address("10.20.0.0/16"), "10.20.0.0/16");
    EXPECT_EQ(address("2001:0DB8::/32"), "2001:db8::/32");
}

TEST(AddressEntry, RefusesWhatNoHostOnAWireHas) {
    EXPECT_NE(address("127.0.0.1").find("loopback"), std::string::npos);
    EXPECT_NE(address("0.0.0.0").find("unspecified"), std::string::npos);
    EXPECT_NE(address("224.0.0.1").find("multicast"), std::string::npos);
    EXPECT_NE(address("255.255.255.255").find("broadcast"), std::string::npos);
    EXPECT_NE(address("::1").find("loopback"), std::string::npos);
    EXPECT_NE(address("::").find("unspecified"), std::string::npos);
    EXPECT_NE(address("ff02::1").find("multicast"), std::string::npos);
    EXPECT_NE(address("64.0.0.0/2").find("too wide: it covers loopback"), std::string::npos);
    EXPECT_NE(address("0.0.0.0/0").find("every address"), std::string::npos);
    EXPECT_NE(address("::/0").find("every address"), std::string::npos);
}

TEST(AddressEntry, NamesTheRightPrefixWhereHostBitsAreSet) {
    EXPECT_NE(address("10.20.30.40/16").find("did you mean `10.20.0.0/16`?"), std::string::npos);
    EXPECT_NE(address("2001:db8::1/64").find("did you mean `2001:db8::/64`?"), std::string::npos);
}

TEST(AddressEntry, RefusesWhatIsNoAddress) {
    for (const char* raw :
         {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.4/", "1.2.3.4/x", "1.2.3.4/33",
          "2001:db8::/129", "fe80::1%eth0", "pool.example", "::ffff:192.0.2.1", "1.2.3.4 "}) {
        EXPECT_TRUE(address(raw).starts_with("fault")) << raw;
    }
}

TEST(PortEntry, TakesPortsAndRanges) {
    std::uint16_t first = 0;
    std::uint16_t last = 0;
    EXPECT_EQ(parse_port_entry("3333", 1, 65535, first, last), "");
    EXPECT_EQ(first, 3333);
    EXPECT_EQ(last, 3333);
    EXPECT_EQ(parse_port_entry("1-65535", 1, 65535, first, last), "");
    EXPECT_EQ(first, 1);
    EXPECT_EQ(last, 65535);
    for (const char* raw : {"", "-", "1-", "-1", "0", "65536", "5-4", "1-2-3", "+1", " 1", "1 ",
                            "0x10", "99999999999"}) {
        EXPECT_NE(parse_port_entry(raw, 1, 65535, first, last), "") << raw;
    }
}

}  // namespace
}  // namespace minerwall::policy

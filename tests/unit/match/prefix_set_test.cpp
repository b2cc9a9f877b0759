#include "match/prefix_set.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

namespace minerwall::match {
namespace {

IpAddress ip(const std::string& text) {
    return *parse_address(text);
}

PrefixSet make(std::initializer_list<std::pair<const char*, unsigned>> prefixes) {
    PrefixSetBuilder builder;
    for (const auto& [text, length] : prefixes) {
        builder.add({ip(text), length});
    }
    return builder.build();
}

TEST(PrefixSet, TheLongestMatchWins) {
    const PrefixSet set = make({{"10.0.0.0", 8},
                                {"10.1.0.0", 16},
                                {"10.1.2.3", 32},
                                {"2001:db8::", 32},
                                {"2001:db8:0:1::", 64},
                                {"2001:db8:0:1::1", 128}});
    EXPECT_EQ(set.lookup(ip("10.9.9.9")), 0u);
    EXPECT_EQ(set.lookup(ip("10.1.2.4")), 1u);
    EXPECT_EQ(set.lookup(ip("10.1.2.3")), 2u);
    EXPECT_EQ(set.lookup(ip("10.2.0.0")), 0u);
    EXPECT_EQ(set.lookup(ip("2001:db8:ffff::")), 3u);
    EXPECT_EQ(set.lookup(ip("2001:db8:0:1:8000::")), 4u);
    EXPECT_EQ(set.lookup(ip("2001:db8:0:1::1")), 5u);
    EXPECT_EQ(set.lookup(ip("2001:db8:0:1::2")), 4u);
}

TEST(PrefixSet, BordersBelongToThePrefixAndTheirNeighboursDoNot) {
    const PrefixSet set = make({{"10.20.0.0", 24}, {"2001:db8::", 48}});
    EXPECT_EQ(set.lookup(ip("10.19.255.255")), kNoEntry);
    EXPECT_EQ(set.lookup(ip("10.20.0.0")), 0u);
    EXPECT_EQ(set.lookup(ip("10.20.0.255")), 0u);
    EXPECT_EQ(set.lookup(ip("10.20.1.0")), kNoEntry);
    EXPECT_EQ(set.lookup(ip("2001:db7:ffff:ffff:ffff:ffff:ffff:ffff")), kNoEntry);
    EXPECT_EQ(set.lookup(ip("2001:db8:0:ffff:ffff:ffff:ffff:ffff")), 1u);
    EXPECT_EQ(set.lookup(ip("2001:db8:1::")), kNoEntry);
}

TEST(PrefixSet, TheEndsOfTheAddressSpaceAreCovered) {
    const PrefixSet set = make({{"0.0.0.0", 1}, {"255.255.255.255", 32}, {"8000::", 1}});
    EXPECT_EQ(set.lookup(ip("0.0.0.0")), 0u);
    EXPECT_EQ(set.lookup(ip("127.255.255.255")), 0u);
    EXPECT_EQ(set.lookup(ip("128.0.0.0")), kNoEntry);
    EXPECT_EQ(set.lookup(ip("255.255.255.254")), kNoEntry);
    EXPECT_EQ(set.lookup(ip("255.255.255.255")), 1u);
    EXPECT_EQ(set.lookup(ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")), 2u);
    EXPECT_EQ(set.lookup(ip("7fff::")), kNoEntry);
}

TEST(PrefixSet, AnIpv6PrefixNeverMatchesAnIpv4Address) {
    const PrefixSet set = make({{"::", 0}});
    EXPECT_EQ(set.lookup(ip("2001:db8::1")), 0u);
    EXPECT_EQ(set.lookup(ip("192.0.2.1")), kNoEntry);
}

TEST(PrefixSet, AnEmptySetMatchesNothing) {
    EXPECT_EQ(PrefixSet().lookup(ip("192.0.2.1")), kNoEntry);
    EXPECT_EQ(PrefixSet().lookup(ip("2001:db8::1")), kNoEntry);
}

TEST(PrefixSet, OfEqualPrefixesTheFirstIsFoundAndTheOthersAreTold) {
    PrefixSetBuilder builder;
    builder.add({ip("192.0.2.0"), 24});
    builder.add({ip("192.0.2.0"), 24});
    builder.add({ip("192.0.2.0"), 25});
    builder.add({ip("192.0.2.0"), 24});
    std::vector<Duplicate> duplicates;
    const PrefixSet set = builder.build(&duplicates);
    EXPECT_EQ(set.lookup(ip("192.0.2.200")), 0u);
    EXPECT_EQ(set.lookup(ip("192.0.2.1")), 2u);
    ASSERT_EQ(duplicates.size(), 2u);
    EXPECT_EQ(duplicates[1].first, 0u);
    EXPECT_EQ(duplicates[1].later, 3u);
}

// Compares the set with a search through all prefixes; small, and large enough for the index.
void compare_with_linear_search(unsigned count, bool wide) {
    std::mt19937 random(count + wide);
    std::vector<Prefix> prefixes;
    PrefixSetBuilder builder;
    const unsigned longest = wide ? 128 : 32;
    for (unsigned i = 0; i < count; ++i) {
        IpAddress address = ip(wide ? "2001:db8::" : "10.0.0.0");
        const unsigned first = wide ? 4 : 13;  // few bytes vary, so that prefixes nest
        for (unsigned at = first; at < first + 3; ++at) {
            address.bytes[at] = static_cast<std::uint8_t>(random());
        }
        const unsigned length = longest - (wide ? 70u : 0u) - static_cast<unsigned>(random() % 24);
        for (unsigned bit = length + (wide ? 0 : 96); bit < 128; ++bit) {
            address.bytes[bit / 8] &= static_cast<std::uint8_t>(~(0x80u >> bit % 8));
        }
        prefixes.push_back({address, length});
        builder.add(prefixes.back());
    }
    const PrefixSet set = builder.build();
    for (unsigned i = 0; i < 2000; ++i) {
        IpAddress probe = prefixes[random() % count].address;
        probe.bytes[15] = static_cast<std::uint8_t>(random());
        probe.bytes[wide ? 6 : 14] ^= static_cast<std::uint8_t>(random() % 4);
        std::uint32_t expected = kNoEntry;
        for (std::uint32_t e = 0; e < count; ++e) {
            bool inside = true;
            for (unsigned b = wide ? 0 : 96; b < prefixes[e].length + (wide ? 0 : 96); ++b) {
                inside = inside &&
                         ((prefixes[e].address.bytes[b / 8] ^ probe.bytes[b / 8]) >> (7 - b % 8) &
                          1) == 0;
            }
            if (inside &&
                (expected == kNoEntry || prefixes[e].length > prefixes[expected].length)) {
                expected = e;
            }
        }
        ASSERT_EQ(set.lookup(probe), expected) << to_text(probe);
    }
}

TEST(PrefixSet, AgreesWithALinearSearchOnIpv4) {
    compare_with_linear_search(50, false);
    compare_with_linear_search(6000, false);
}

TEST(PrefixSet, AgreesWithALinearSearchOnIpv6) {
    compare_with_linear_search(50, true);
    compare_with_linear_search(6000, true);
}

TEST(PrefixSet, HoldsAMillionPrefixesInLessThanTwentyBytesEach) {
    constexpr std::uint32_t kPrefixes = 1'000'000;
    PrefixSetBuilder builder;
    const auto at = [](std::uint32_t i) {
        std::uint8_t four[4];
        store_be32(four, 0x01000000 + i * 3000);  // apart from each other
        return IpAddress::v4(four);
    };
    for (std::uint32_t i = 0; i < kPrefixes; ++i) {
        builder.add({at(i), 32});
    }
    const PrefixSet set = builder.build();
    EXPECT_LT(set.memory_bytes() / kPrefixes, 20u);
    RecordProperty("bytes_per_prefix", static_cast<int>(set.memory_bytes() / kPrefixes));
    for (std::uint32_t i = 0; i < kPrefixes; i += 41) {
        ASSERT_EQ(set.lookup(at(i)), i);
        IpAddress next = at(i);
        next.bytes[15] ^= 1;
        ASSERT_EQ(set.lookup(next), kNoEntry);
    }
}

}  // namespace
}  // namespace minerwall::match

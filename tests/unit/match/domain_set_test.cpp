#include "match/domain_set.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

namespace minerwall::match {
namespace {

DomainSet make(std::initializer_list<std::string_view> names) {
    DomainSetBuilder builder;
    for (const std::string_view name : names) {
        builder.add(name);
    }
    return builder.build();
}

TEST(DomainSet, MatchesTheNameItselfAndNamesBelowIt) {
    const DomainSet set = make({"example.com"});
    EXPECT_EQ(set.lookup("example.com"), 0u);
    EXPECT_EQ(set.lookup("a.example.com"), 0u);
    EXPECT_EQ(set.lookup("very.deep.below.example.com"), 0u);
}

TEST(DomainSet, NeverMatchesInsideALabel) {
    const DomainSet set = make({"example.com", "miner.com", "pool.org"});
    for (const char* name :
         {"myexample.com", "example.com.evil.net", "adminer.com", "carpool.org", "pool.ntp.org",
          "example.co", "xample.com", "com", "example", "example.comm", "-example.com"}) {
        EXPECT_EQ(set.lookup(name), kNoEntry) << name;
    }
}

TEST(DomainSet, AnExactEntryMatchesNothingBelow) {
    const DomainSet set = make({"=example.com"});
    EXPECT_EQ(set.lookup("example.com"), 0u);
    EXPECT_EQ(set.lookup("a.example.com"), kNoEntry);
    EXPECT_EQ(set.lookup("=example.com"), kNoEntry);
}

TEST(DomainSet, TheMostSpecificEntryWins) {
    const DomainSet set = make({"example.com", "a.example.com", "=a.example.com", "=example.com"});
    EXPECT_EQ(set.lookup("x.example.com"), 0u);
    EXPECT_EQ(set.lookup("b.a.example.com"), 1u);
    EXPECT_EQ(set.lookup("a.example.com"), 2u);
    EXPECT_EQ(set.lookup("example.com"), 3u);
}

TEST(DomainSet, ATrailingDotIsIgnoredAndOtherEmptyLabelsMatchNothingElse) {
    const DomainSet set = make({"example.com"});
    EXPECT_EQ(set.lookup("example.com."), 0u);
    EXPECT_EQ(set.lookup("example.com.."), kNoEntry);
    EXPECT_EQ(set.lookup(".example.com"), 0u);  // below it, in a label without text
    EXPECT_EQ(set.lookup("."), kNoEntry);
    EXPECT_EQ(set.lookup(""), kNoEntry);
}

TEST(DomainSet, AnEmptySetMatchesNothing) {
    EXPECT_EQ(DomainSet().lookup("example.com"), kNoEntry);
    EXPECT_EQ(make({}).lookup("example.com"), kNoEntry);
}

TEST(DomainSet, AnOverlongNameMatchesNothing) {
    const DomainSet set = make({"example.com"});
    std::string name = "example.com";
    while (name.size() <= DomainSet::kMaxName) {
        name = "a." + name;
    }
    EXPECT_EQ(set.lookup(name), kNoEntry);
    EXPECT_EQ(set.lookup(std::string_view(name).substr(2)), 0u);
}

TEST(DomainSet, NamesOfNothingButLabelBordersAreHarmless) {
    std::string deepest = "a";
    for (int i = 0; i < 200; ++i) {
        deepest += ".a";  // deeper than any name on the wire can be
    }
    DomainSetBuilder builder;
    builder.add(deepest);
    builder.add("a.a");
    const DomainSet set = builder.build();
    for (std::size_t dots = 1; dots <= 300; ++dots) {
        EXPECT_EQ(set.lookup(std::string(dots, '.')), kNoEntry);
        EXPECT_EQ(set.lookup(std::string(dots, '.') + "a.a"),
                  dots + 3 <= DomainSet::kMaxName ? 1u : kNoEntry);
    }
}

TEST(DomainSet, OfEqualEntriesTheFirstIsFoundAndTheOthersAreTold) {
    DomainSetBuilder builder;
    for (const char* name : {"a.com", "b.com", "a.com", "=a.com", "a.com"}) {
        builder.add(name);
    }
    std::vector<Duplicate> duplicates;
    const DomainSet set = builder.build(&duplicates);
    EXPECT_EQ(set.lookup("x.a.com"), 0u);
    ASSERT_EQ(duplicates.size(), 2u);
    EXPECT_EQ(duplicates[0].first, 0u);
    EXPECT_EQ(duplicates[0].later, 2u);
    EXPECT_EQ(duplicates[1].later, 4u);
    EXPECT_EQ(set.text(3), "=a.com");
}

TEST(DomainSet, LabelsOfAnyLengthAreToldApart) {
    DomainSetBuilder builder;
    std::vector<std::string> names;
    for (std::size_t length = 1; length <= 63; ++length) {
        names.push_back(std::string(length, 'a') + ".com");
        builder.add(names.back());
    }
    const DomainSet set = builder.build();
    for (std::size_t i = 0; i < names.size(); ++i) {
        EXPECT_EQ(set.lookup(names[i]), i);
        EXPECT_EQ(set.lookup("b" + names[i]), kNoEntry);
    }
}

TEST(DomainSet, HoldsAMillionNamesInLessThanSixtyBytesEach) {
    constexpr unsigned kNames = 1'000'000;
    DomainSetBuilder builder;
    for (unsigned i = 0; i < kNames; ++i) {
        builder.add("pool" + std::to_string(i) + ".example" + std::to_string(i % 97) + ".com");
    }
    std::vector<Duplicate> duplicates;
    const DomainSet set = builder.build(&duplicates);
    EXPECT_TRUE(duplicates.empty());
    EXPECT_LT(set.memory_bytes() / kNames, 60u);
    RecordProperty("bytes_per_name", static_cast<int>(set.memory_bytes() / kNames));
    for (unsigned i = 0; i < kNames; i += 37) {
        const std::string name =
            "eu.pool" + std::to_string(i) + ".example" + std::to_string(i % 97) + ".com";
        ASSERT_EQ(set.lookup(name), i);
        ASSERT_EQ(set.lookup("x" + name.substr(3)), kNoEntry);
    }
}

}  // namespace
}  // namespace minerwall::match

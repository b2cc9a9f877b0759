#include "match/pattern_set.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "match/scratch_set.hpp"

namespace minerwall::match {
namespace {

PatternSet make(std::vector<Pattern> patterns, std::vector<PatternError>& errors) {
    PatternSetBuilder builder;
    for (Pattern& p : patterns) {
        builder.add(std::move(p));
    }
    return builder.build(errors);
}

TEST(PatternSet, AnswersWithTheLowestIdWhateverTheOrderInTheText) {
    std::vector<PatternError> errors;
    const PatternSet set = make({{"beta"}, {"alpha"}, {"gamma", true}}, errors);
    ASSERT_TRUE(errors.empty());
    ScratchSet scratch;
    scratch.fit(set.database());
    scratch.clone(1);
    EXPECT_EQ(set.first_match(as_bytes("alpha and beta"), scratch.at(0)), 0u);
    EXPECT_EQ(set.first_match(as_bytes("GAMMA alpha"), scratch.at(0)), 1u);
    EXPECT_EQ(set.first_match(as_bytes("GAMMA"), scratch.at(0)), 2u);
    EXPECT_EQ(set.first_match(as_bytes("BETA"), scratch.at(0)), kNoEntry);
    EXPECT_TRUE(set.any_match(as_bytes("xxbetaxx"), scratch.at(0)));
    EXPECT_FALSE(set.any_match(as_bytes("nothing"), scratch.at(0)));
    EXPECT_FALSE(set.any_match({}, scratch.at(0)));
}

TEST(PatternSet, AnEmptySetAndAMissingScratchMatchNothing) {
    EXPECT_EQ(PatternSet().first_match(as_bytes("x"), nullptr), kNoEntry);
    std::vector<PatternError> errors;
    const PatternSet set = make({{"x"}}, errors);
    EXPECT_EQ(set.first_match(as_bytes("x"), nullptr), kNoEntry);
    EXPECT_EQ(ScratchSet().at(0), nullptr);
}

TEST(PatternSet, TellsEveryFaultyPatternAtOnce) {
    std::vector<PatternError> errors;
    const PatternSet set = make({{"good"}, {"(open"}, {""}, {"a*"}, {"fine"}, {"[z-a]"}}, errors);
    EXPECT_TRUE(set.empty());
    ASSERT_EQ(errors.size(), 4u);
    EXPECT_EQ(errors[0].pattern, 1u);
    EXPECT_EQ(errors[1].pattern, 2u);
    EXPECT_EQ(errors[2].pattern, 3u);
    EXPECT_EQ(errors[3].pattern, 5u);
}

TEST(PatternSet, ADatabaseThatMissesItsKnownAnswersIsNotHandedOut) {
    std::vector<PatternError> errors;
    EXPECT_TRUE(make({{"abc", false, "xabcx", "ab"}, {"def", false, "dxf"}}, errors).empty());
    ASSERT_EQ(errors.size(), 1u);
    EXPECT_EQ(errors[0].pattern, 1u);
    errors.clear();
    EXPECT_TRUE(make({{"abc", false, "abc", "zabc"}}, errors).empty());
    EXPECT_EQ(errors.size(), 1u);
}

TEST(PatternSet, AMatchAtTheLastByteOfAPageReadsNothingBehindIt) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    void* pages =
        mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(pages, MAP_FAILED);
    auto* bytes = static_cast<std::uint8_t*>(pages);
    ASSERT_EQ(mprotect(bytes + page, page, PROT_NONE), 0);
    std::vector<PatternError> errors;
    const PatternSet set = make({{"needle"}, {"a{2}z"}, {"x.*y"}}, errors);
    ScratchSet scratch;
    scratch.fit(set.database());
    scratch.clone(1);
    const std::string_view word = "needle";
    std::fill_n(bytes, page, std::uint8_t{'.'});
    std::copy(word.begin(), word.end(), bytes + page - word.size());
    for (std::size_t size = word.size(); size <= 200; ++size) {
        EXPECT_EQ(set.first_match({bytes + page - size, size}, scratch.at(0)), 0u);
    }
    munmap(pages, 2 * page);
}

TEST(ScratchSet, GivesEachWorkerItsOwnThatFitsEveryDatabase) {
    std::vector<PatternError> errors;
    const PatternSet small = make({{"a"}}, errors);
    const PatternSet large = make({{"(foo|bar)[a-z]+baz"}, {"q.*w.*e"}, {"\\d+\\.\\d+"}}, errors);
    ASSERT_TRUE(errors.empty());
    ScratchSet scratch;
    scratch.fit(small.database());
    scratch.fit(large.database());
    scratch.clone(3);
    ASSERT_EQ(scratch.size(), 3u);
    for (unsigned w = 0; w < 3; ++w) {
        EXPECT_EQ(small.first_match(as_bytes("cat"), scratch.at(w)), 0u);
        EXPECT_EQ(large.first_match(as_bytes("version 1.25"), scratch.at(w)), 2u);
        for (unsigned v = 0; v < w; ++v) {
            EXPECT_NE(scratch.at(w), scratch.at(v));
        }
    }
    EXPECT_EQ(scratch.at(3), nullptr);
}

}  // namespace
}  // namespace minerwall::match

#include "policy/pattern_sample.hpp"

#include <gtest/gtest.h>

namespace minerwall::policy {
namespace {

TEST(PatternSample, IsAShortTextThatThePatternMatches) {
    EXPECT_EQ(pattern_sample("pool\\.example"), "pool.example");
    EXPECT_EQ(pattern_sample(".*\\.pool\\..*"), ".pool.");
    EXPECT_EQ(pattern_sample("(?:eu|us)-xmr[0-9]+\\.com"), "eu-xmr0.com");
    EXPECT_EQ(pattern_sample("(a|b){3}c?d+?"), "aaad");
    EXPECT_EQ(pattern_sample("x{2,}y{0,3}z"), "xxz");
    EXPECT_EQ(pattern_sample("\\d\\w."), "0aa");
    EXPECT_EQ(pattern_sample("[^a-z]x"), "0x");
    EXPECT_EQ(pattern_sample("[A-Z]"), "");
}

TEST(PatternSample, IsMissingWhereTheSyntaxIsNotUnderstood) {
    for (const char* expression :
         {"(?i)a", "a\\b", "\\Qa\\E", "[[:alpha:]]", "[]a]", "^a", "a$", "(?=a)b", "a{x", "a**",
          "(a", "a)", "[a", "\\", "a{999}", "((((", "a b", "\\x41"}) {
        EXPECT_EQ(pattern_sample(expression), "") << expression;
    }
    EXPECT_EQ(pattern_sample(std::string(10'000, '(')), "");
}

}  // namespace
}  // namespace minerwall::policy

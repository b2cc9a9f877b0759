#include "base/fixed_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace minerwall {
namespace {

TEST(FixedText, StartsEmpty) {
    FixedText<4> text;
    EXPECT_TRUE(text.empty());
    EXPECT_FALSE(text.truncated());
    EXPECT_EQ(text.view(), "");
    EXPECT_EQ(FixedText<4>::capacity(), 4U);
}

TEST(FixedText, HoldsExactlyItsCapacity) {
    FixedText<4> text;
    text.assign("abcd");
    EXPECT_EQ(text.view(), "abcd");
    EXPECT_FALSE(text.truncated());
    text.append("");
    EXPECT_FALSE(text.truncated());
}

TEST(FixedText, CutsAndSaysSo) {
    FixedText<4> text;
    text.assign("abcde");
    EXPECT_EQ(text.view(), "abcd");
    EXPECT_TRUE(text.truncated());
    text.push_back('x');
    EXPECT_EQ(text.view(), "abcd");
}

TEST(FixedText, AppendAndPushBackFillUpToTheCapacity) {
    FixedText<4> text;
    text.append("ab");
    text.push_back('c');
    EXPECT_FALSE(text.truncated());
    text.append("de");
    EXPECT_EQ(text, "abcd");
    EXPECT_TRUE(text.truncated());

    FixedText<1> one;
    one.push_back('a');
    EXPECT_FALSE(one.truncated());
    one.push_back('b');
    EXPECT_TRUE(one.truncated());
    EXPECT_EQ(one, "a");
}

TEST(FixedText, AssignReplacesTheText) {
    FixedText<4> text;
    text.assign("abcde");
    text.assign("x");
    EXPECT_EQ(text.view(), "x");
    EXPECT_FALSE(text.truncated());
    text.clear();
    EXPECT_TRUE(text.empty());
}

TEST(FixedText, KeepsNulBytesAndTheLargestCapacity) {
    FixedText<255> text;
    text.assign(std::string(300, '\0'));
    EXPECT_EQ(text.size(), 255U);
    EXPECT_EQ(text.view(), std::string(255, '\0'));
}

}  // namespace
}  // namespace minerwall

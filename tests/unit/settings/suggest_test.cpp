#include "settings/suggest.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace minerwall::settings {
namespace {

TEST(EditDistance, CountsInsertDeleteReplaceAndSwapAsOneEach) {
    EXPECT_EQ(edit_distance("", ""), 0u);
    EXPECT_EQ(edit_distance("rules", "rules"), 0u);
    EXPECT_EQ(edit_distance("", "abc"), 3u);
    EXPECT_EQ(edit_distance("abc", ""), 3u);
    EXPECT_EQ(edit_distance("rule", "rules"), 1u);
    EXPECT_EQ(edit_distance("rulles", "rules"), 1u);
    EXPECT_EQ(edit_distance("rukes", "rules"), 1u);
    EXPECT_EQ(edit_distance("rulse", "rules"), 1u);
    EXPECT_EQ(edit_distance("ca", "abc"), 3u);  // 2 if a swapped pair could be edited again
}

TEST(Nearest, IsTheFirstOfTheNearest) {
    const std::vector<std::string_view> known = {"count", "cores", "burst"};
    EXPECT_EQ(nearest("cuont", known), "count");
    EXPECT_EQ(nearest("bursts", known), "burst");
    const std::vector<std::string_view> twins = {"ab1", "ab2"};
    EXPECT_EQ(nearest("ab3", twins), "ab1");
}

TEST(Nearest, IsNotTooFar) {
    const std::vector<std::string_view> known = {"drop"};
    EXPECT_EQ(nearest("drxp", known), "drop");
    EXPECT_EQ(nearest("drxx", known), "drop");
    EXPECT_EQ(nearest("dxxx", known), "");
    EXPECT_EQ(nearest("", known), "");
    const std::vector<std::string_view> shorts = {"a", "mb"};
    EXPECT_EQ(nearest("x", shorts), "") << "all of the letters are wrong";
}

TEST(Nearest, LeavesLongWordsAlone) {
    const std::string longest(64, 'a');
    const std::string longer(65, 'a');
    const std::vector<std::string_view> known = {longest};
    EXPECT_EQ(nearest(longest, known), longest);
    EXPECT_EQ(nearest(longer, known), "");
}

TEST(DidYouMean, IsASentenceOrNothing) {
    const std::vector<std::string_view> known = {"enforce", "observe"};
    EXPECT_EQ(did_you_mean("enforced", known), ", did you mean `enforce`?");
    EXPECT_EQ(did_you_mean("something", known), "");
    EXPECT_EQ(did_you_mean("something", {}), "");
}

}  // namespace
}  // namespace minerwall::settings

#include "settings/diagnostic.hpp"

#include <gtest/gtest.h>

namespace minerwall::settings {
namespace {

TEST(Diagnostic, IsWrittenAsCompilersDo) {
    EXPECT_EQ(format({"m.conf", 12, 0, Severity::error, "bad"}), "m.conf:12: error: bad");
    EXPECT_EQ(format({"m.conf", 12, 7, Severity::error, "bad"}), "m.conf:12:7: error: bad");
    EXPECT_EQ(format({"m.conf", 3, 0, Severity::warning, "odd"}), "m.conf:3: warning: odd");
    EXPECT_EQ(format({"m.conf", 0, 0, Severity::error, "no file"}), "m.conf: error: no file");
}

TEST(Diagnostics, KeepTheOrderOfFinding) {
    Diagnostics found;
    EXPECT_FALSE(found.has_errors());
    found.warning({"a", 9}, "first");
    EXPECT_FALSE(found.has_errors());
    found.error({"b", 1}, "second");
    EXPECT_TRUE(found.has_errors());
    const auto taken = found.take();
    ASSERT_EQ(taken.size(), 2u);
    EXPECT_EQ(format(taken[0]), "a:9: warning: first");
    EXPECT_EQ(format(taken[1]), "b:1: error: second");
    EXPECT_FALSE(found.has_errors());
    EXPECT_TRUE(found.take().empty());
}

TEST(Diagnostics, SortByPlaceWithTheCountLast) {
    Diagnostics found;
    found.error({"m", 2, 9}, "c");
    found.error({"m", 2, 3}, "b");
    found.error({"m", 2, 9}, "d");
    found.error({"m", 0}, "a");
    for (unsigned i = 0; i < Diagnostics::kPerFile; ++i) {
        found.error({"m", 3}, "e");
    }
    found.sort_by_place();
    const auto taken = found.take();
    ASSERT_EQ(taken.size(), Diagnostics::kPerFile + 1);
    EXPECT_EQ(taken[0].message + taken[1].message + taken[2].message + taken[3].message, "abcd");
    EXPECT_EQ(taken.back().message, "and 4 more errors");
}

TEST(Diagnostics, CapEachFileAndKindAndCountTheRest) {
    Diagnostics found;
    for (unsigned i = 0; i < Diagnostics::kPerFile + 7; ++i) {
        found.error({"long", i + 1}, "bad");
        found.warning({"long", i + 1}, "odd");
    }
    found.error({"short", 1}, "bad");
    const auto taken = found.take();
    ASSERT_EQ(taken.size(), 2 * Diagnostics::kPerFile + 1 + 2);
    EXPECT_EQ(format(taken[taken.size() - 2]), "long: error: and 7 more errors");
    EXPECT_EQ(format(taken.back()), "long: warning: and 7 more warnings");
}

}  // namespace
}  // namespace minerwall::settings

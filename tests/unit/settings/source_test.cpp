#include "settings/source.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace minerwall::settings {
namespace {

constexpr std::size_t kLimit = 1 << 20;

std::vector<std::string> faults(std::string_view text) {
    Diagnostics found;
    Source source(kLimit);
    const bool taken = source.take(text, "m", found);
    EXPECT_NE(taken, found.has_errors());
    std::vector<std::string> out;
    for (const Diagnostic& d : found.take()) {
        out.push_back(format(d));
    }
    return out;
}

using Lines = std::vector<std::string>;

TEST(Source, ChecksIntegersAsTheyAreWritten) {
    EXPECT_EQ(faults("a = 2147483647; b = -2147483647; c = 0x7fffffff; d = 1.5; e = 1e5;"),
              Lines());
    EXPECT_EQ(faults("a = 9223372036854775807L;"), Lines());
    EXPECT_EQ(
        faults("\na = 2147483648;"),
        Lines{"m:2:5: error: integer 2147483648 is out of range, expected at most 2147483647"});
    EXPECT_EQ(
        faults("a = -0x80000000;"),
        Lines{"m:1:5: error: integer -0x80000000 is out of range, expected at most 2147483647"});
    EXPECT_EQ(faults("a = 9223372036854775808L;"),
              Lines{"m:1:5: error: integer 9223372036854775808L is out of range, expected at most "
                    "9223372036854775807"});
}

TEST(Source, LooksForNothingInTextsCommentsAndNames) {
    EXPECT_EQ(faults("# 99999999999 @include\n// 99999999999\n/* 99999999999\n@include \"x\"\n*/\n"
                     "w99999999999 = \"99999999999 \\\" 99999999999\n99999999999\";"),
              Lines());
}

TEST(Source, RefusesWhatIsNoText) {
    EXPECT_EQ(faults(std::string_view("a\n\0b", 4)),
              Lines{"m:2: error: a NUL byte: this is not a text file"});
    EXPECT_EQ(faults(std::string(kLimit + 1, ' ')), Lines{"m: error: larger than 1 MiB"});
    std::string many;
    for (unsigned i = 0; i < Source::kMaxSettings; ++i) {
        many += "k=1;";
    }
    EXPECT_EQ(
        faults(many),
        Lines{"m:1:79998: error: more than 20000 settings: long lists belong into list files"});
}

TEST(Source, RefusesIncludesWhereOneFileIsExpected) {
    EXPECT_EQ(faults("a = 1;\n  @include \"/etc/passwd\"\nb = 1;"),
              Lines{"m:2:3: error: @include is not allowed here, expected one file"});
    EXPECT_EQ(faults("a = \"\n@include \\\"x\\\"\";"), Lines())
        << "a line inside a string is not a directive";
}

TEST(Source, GivesTheTextAsItIsWhereOneFileIsExpected) {
    Diagnostics found;
    Source source(kLimit);
    ASSERT_TRUE(source.take("a = \"x\r\n@include y\";\r\nb = 1;", "m", found));
    EXPECT_EQ(source.text(), "a = \"x\r\n@include y\";\r\nb = 1;\n");
}

TEST(Source, KeepsTheDirectiveFromLibconfigWhereIncludesAreAllowed) {
    Diagnostics found;
    Source source(kLimit);
    ASSERT_TRUE(source.take("/*\n @include \"x\"\r\n*/ a = 1;\r\n", "m", Directory({}), found));
    EXPECT_EQ(source.text(), "/*\n \"x\"\n*/ a = 1;\n");
    Source second(kLimit);
    EXPECT_FALSE(second.take("a = \"\n@include y\";", "m", Directory({}), found));
    EXPECT_EQ(format(found.take().at(0)),
              "m:2:1: error: a line of a text must not start with @include");
}

TEST(Source, LocatesLinesAndTheEndInTheLastOne) {
    Diagnostics found;
    Source source(kLimit);
    EXPECT_EQ(source.locate(1).line, 0U) << "nothing was taken";
    ASSERT_TRUE(source.take("a = 1;\nb = 2;", "m", found));
    EXPECT_EQ(source.locate(0).line, 0U);
    EXPECT_EQ(source.locate(2).line, 2U);
    EXPECT_EQ(source.locate(3).line, 2U) << "where libconfig finds the end";
    EXPECT_EQ(source.locate(2).file, "m");
    Source empty(kLimit);
    ASSERT_TRUE(empty.take("", "m", found));
    EXPECT_EQ(empty.locate(1).line, 1U);
}

}  // namespace
}  // namespace minerwall::settings

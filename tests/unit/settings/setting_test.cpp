#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <string>
#include <vector>

#include "settings/tree.hpp"

namespace minerwall::settings {
namespace {

using Lines = std::vector<std::string>;

// A text that is parsed.
struct File {
    explicit File(const std::string& text) {
        EXPECT_TRUE(source.take(text, "m", found));
        EXPECT_TRUE(tree.parse());
    }
    Setting root() { return tree.root(); }
    // A dotted path; a number is a place in a list.
    Setting operator[](std::string_view path) {
        Setting at = root();
        while (!path.empty()) {
            const std::string_view step = path.substr(0, path.find('.'));
            path.remove_prefix(std::min(step.size() + 1, path.size()));
            at = std::isdigit(static_cast<unsigned char>(step[0])) != 0
                     ? at[static_cast<std::size_t>(step[0] - '0')]
                     : at.find(step);
        }
        return at;
    }
    Lines told() {
        Lines out;
        for (const Diagnostic& d : found.take()) {
            out.push_back(format(d));
        }
        return out;
    }
    Diagnostics found;
    Source source{1 << 20};
    Tree tree{source, found};
};

TEST(Parse, TellsWhereTheSyntaxIsWrong) {
    const auto fault = [](std::string_view text) {
        Diagnostics found;
        Source source(1 << 20);
        EXPECT_TRUE(source.take(text, "m", found));
        Tree tree(source, found);
        EXPECT_FALSE(tree.parse());
        return format(found.take().at(0));
    };
    EXPECT_EQ(fault("a = 1;\nb = ;\nc = 1;\n"), "m:2: error: syntax error");
    EXPECT_EQ(fault("a = 1;\nb = \"\n"), "m:2: error: syntax error") << "not the line behind";
    EXPECT_EQ(fault("a = 1;\na = 2;"), "m:2: error: duplicate setting name");
    EXPECT_NE(fault("a = [ 1, \"b\" ];").find("use ( ) in place of [ ]"), std::string::npos);
}

TEST(Setting, ReadsEachType) {
    File t("a = \"x\"; b = true; c = 7; d = 8L; e = \"two\"; f = ( 1, \"x\" ); g = 3;");
    constexpr std::array<std::string_view, 2> kWords = {"one", "two"};
    EXPECT_EQ(t["a"].text(), "x");
    EXPECT_EQ(t["b"].boolean(), true);
    EXPECT_EQ(t["c"].integer(7, 7), 7);
    EXPECT_EQ(t["d"].integer(0, 9), 8);
    EXPECT_EQ(t["e"].word(kWords), 1U);
    const std::vector<Value> values = t["f"].values();
    ASSERT_EQ(values.size(), 2U);
    EXPECT_TRUE(values[0].is_number && values[0].number == 1 && values[0].text == "1");
    EXPECT_TRUE(!values[1].is_number && values[1].text == "x" && values[1].line == 1);
    EXPECT_EQ(t["g"].values().size(), 1U);
    EXPECT_EQ(t.told(), Lines());
}

TEST(Setting, TellsWhatIsThereAndWhatWasExpected) {
    File t("a = {\n b = 5L;\n c = \"x\";\n d = 1.5;\n e = true;\n f = ( );\n};");
    EXPECT_FALSE(t["a.b"].integer(6, 9, "seconds"));
    EXPECT_FALSE(t["a.c"].boolean());
    EXPECT_FALSE(t["a.d"].integer(0, 9));
    EXPECT_FALSE(t["a.e"].text());
    EXPECT_FALSE(t["a.f"].text());
    EXPECT_FALSE(t["a"].text());
    EXPECT_EQ(t.told(), (Lines{
                            "m:2:2: error: `a.b` is 5, expected an integer from 6 to 9 seconds",
                            "m:3:2: error: `a.c` is \"x\", expected true or false",
                            "m:4:2: error: `a.d` is 1.5, expected an integer from 0 to 9",
                            "m:5:2: error: `a.e` is true, expected a text in double quotes",
                            "m:6:2: error: `a.f` is a list, expected a text in double quotes",
                            "m:1:1: error: `a` is a group, expected a text in double quotes",
                        }));
}

TEST(Setting, ComparesLargeIntegersWhole) {
    File t("a = 4294967297L; b = -1;");
    EXPECT_FALSE(t["a"].integer(0, std::numeric_limits<std::int32_t>::max()));
    EXPECT_FALSE(t["b"].integer(0, std::numeric_limits<std::int32_t>::max()));
    EXPECT_EQ(t.told().size(), 2U);
}

TEST(Setting, NamesThePlaceOfAnElement) {
    File t("a = ( 1, \"x\", -2 );\nb = ( { c = ( true ); } );");
    EXPECT_EQ(t["a"].integers(0, 9), (std::vector<std::int64_t>{1}));
    EXPECT_EQ(t["a"].texts(), (Lines{"x"}));
    EXPECT_TRUE(t["b.0.c"].values().empty());
    EXPECT_TRUE(t["b.0"].texts().empty());
    EXPECT_EQ(
        t.told(),
        (Lines{
            "m:1:1: error: `a` is \"x\" at place 2, expected an integer from 0 to 9",
            "m:1:1: error: `a` is -2 at place 3, expected an integer from 0 to 9",
            "m:1:1: error: `a` is 1 at place 1, expected a text in double quotes",
            "m:1:1: error: `a` is -2 at place 3, expected a text in double quotes",
            "m:2:9: error: `b.c` is true at place 1, expected a text, an integer, or an array of "
            "these",
            "m:2: error: `b` is a group at place 1, expected a list of texts [ \"...\", ... ]",
        }));
}

TEST(Setting, ProposesAKnownKeyOrListsThem) {
    File t("rulse = 1;\nlists = { l = { vales = 1; }; };\nzzzzzzzzz = 1;");
    constexpr std::array<std::string_view, 2> kTop = {"rules", "lists"};
    constexpr std::array<std::string_view, 2> kList = {"type", "values"};
    t.root().known_keys(kTop);
    t["lists.l"].known_keys(kList);
    EXPECT_EQ(t.told(),
              (Lines{
                  "m:1:1: error: unknown key `rulse`, did you mean `rules`?",
                  "m:3:1: error: unknown key `zzzzzzzzz`, expected one of: rules, lists",
                  "m:2:17: error: unknown key `lists.l.vales`, did you mean `lists.l.values`?",
              }));
}

TEST(Setting, ProposesAWord) {
    File t("mode = \"enforced\";\nother = 3;");
    constexpr std::array<std::string_view, 2> kModes = {"enforce", "observe"};
    EXPECT_FALSE(t["mode"].word(kModes));
    EXPECT_FALSE(t["other"].word(kModes));
    EXPECT_EQ(t.told(), (Lines{
                            "m:1:1: error: `mode` is \"enforced\", expected one of \"enforce\", "
                            "\"observe\", did you mean `enforce`?",
                            "m:2:1: error: `other` is 3, expected one of \"enforce\", \"observe\"",
                        }));
}

TEST(Setting, CutsALongText) {
    File t("a = \"" + std::string(1000, 'x') + "\";");
    EXPECT_FALSE(t["a"].boolean());
    EXPECT_EQ(t.told().at(0),
              "m:1:1: error: `a` is \"" + std::string(80, 'x') + "\", expected true or false");
}

TEST(Setting, FindsWhatIsOptionalAndMissesWhatIsRequired) {
    File t("a = 1;\nb = {\n};");
    EXPECT_TRUE(t.root().find("a"));
    EXPECT_FALSE(t.root().find("z"));
    EXPECT_FALSE(t["b"].required("z", "a rule"));
    EXPECT_FALSE(t.root().required("z", "a policy"));
    EXPECT_EQ(t.root().find("z").text().value_or("else"), "else");
    EXPECT_EQ(t.told(),
              (Lines{"m:2:1: error: a rule needs a `z`", "m: error: a policy needs a `z`"}));
}

TEST(Setting, FindsTheColumnAmongEqualNamesOnALine) {
    File t(
        "rules = ( { on = 1; x = [ 7 ]; }, /* on = */ { note = \"on = 1\"; on = 2; } ); on\n= 3;");
    for (const char* path : {"rules.0.on", "rules.1.on", "on"}) {
        EXPECT_FALSE(t[path].boolean());
    }
    EXPECT_FALSE(t["rules.1"].boolean());
    EXPECT_FALSE(t["rules.0.x.0"].boolean());
    std::vector<unsigned> columns;
    for (const Diagnostic& d : t.found.take()) {
        columns.push_back(d.column);
    }
    EXPECT_EQ(columns, (std::vector<unsigned>{13, 65, 78, 0, 21}));
}

}  // namespace
}  // namespace minerwall::settings

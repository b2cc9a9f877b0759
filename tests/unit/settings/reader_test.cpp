#include "settings/reader.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <string>
#include <vector>

namespace minerwall::settings {
namespace {

using Lines = std::vector<std::string>;

// A text that is parsed, and its reader.
struct Tree {
    explicit Tree(const std::string& text) {
        EXPECT_TRUE(source.take(text, "m", found));
        EXPECT_TRUE(parse(source, config, found));
    }
    const libconfig::Setting& operator[](const char* path) { return config.lookup(path); }
    Lines told() {
        Lines out;
        for (const Diagnostic& d : found.take()) {
            out.push_back(format(d));
        }
        return out;
    }
    Diagnostics found;
    Source source{1 << 20};
    libconfig::Config config;
    Reader reader{source, found};
};

TEST(Parse, TellsWhereTheSyntaxIsWrong) {
    const auto fault = [](std::string_view text) {
        Diagnostics found;
        Source source(1 << 20);
        libconfig::Config tree;
        EXPECT_TRUE(source.take(text, "m", found));
        EXPECT_FALSE(parse(source, tree, found));
        return format(found.take().at(0));
    };
    EXPECT_EQ(fault("a = 1;\nb = ;\nc = 1;\n"), "m:2: error: syntax error");
    EXPECT_EQ(fault("a = 1;\nb = \"\n"), "m:2: error: syntax error") << "not the line behind";
    EXPECT_EQ(fault("a = 1;\na = 2;"), "m:2: error: duplicate setting name");
    EXPECT_NE(fault("a = [ 1, \"b\" ];").find("use ( ) in place of [ ]"), std::string::npos);
}

TEST(Reader, ReadsEachType) {
    Tree t("a = \"x\"; b = true; c = 7; d = 8L; e = \"two\"; f = ( 1, \"x\" ); g = 3;");
    constexpr std::array<std::string_view, 2> kWords = {"one", "two"};
    EXPECT_EQ(t.reader.text(t["a"]), "x");
    EXPECT_EQ(t.reader.boolean(t["b"]), true);
    EXPECT_EQ(t.reader.integer(t["c"], 7, 7), 7);
    EXPECT_EQ(t.reader.integer(t["d"], 0, 9), 8);
    EXPECT_EQ(t.reader.word(t["e"], kWords), 1U);
    const std::vector<Value> values = t.reader.values(t["f"]);
    ASSERT_EQ(values.size(), 2U);
    EXPECT_TRUE(values[0].is_number && values[0].number == 1 && values[0].text == "1");
    EXPECT_TRUE(!values[1].is_number && values[1].text == "x" && values[1].line == 1);
    EXPECT_EQ(t.reader.values(t["g"]).size(), 1U);
    EXPECT_EQ(t.told(), Lines());
}

TEST(Reader, TellsWhatIsThereAndWhatWasExpected) {
    Tree t("a = {\n b = 5L;\n c = \"x\";\n d = 1.5;\n e = true;\n f = ( );\n};");
    EXPECT_FALSE(t.reader.integer(t["a.b"], 6, 9, "seconds"));
    EXPECT_FALSE(t.reader.boolean(t["a.c"]));
    EXPECT_FALSE(t.reader.integer(t["a.d"], 0, 9));
    EXPECT_FALSE(t.reader.text(t["a.e"]));
    EXPECT_FALSE(t.reader.text(t["a.f"]));
    EXPECT_FALSE(t.reader.text(t["a"]));
    EXPECT_EQ(t.told(), (Lines{
                            "m:2:2: error: `a.b` is 5, expected an integer from 6 to 9 seconds",
                            "m:3:2: error: `a.c` is \"x\", expected true or false",
                            "m:4:2: error: `a.d` is 1.5, expected an integer from 0 to 9",
                            "m:5:2: error: `a.e` is true, expected a text in double quotes",
                            "m:6:2: error: `a.f` is a list, expected a text in double quotes",
                            "m:1:1: error: `a` is a group, expected a text in double quotes",
                        }));
}

TEST(Reader, ComparesLargeIntegersWhole) {
    Tree t("a = 4294967297L; b = -1;");
    EXPECT_FALSE(t.reader.integer(t["a"], 0, std::numeric_limits<std::int32_t>::max()));
    EXPECT_FALSE(t.reader.integer(t["b"], 0, std::numeric_limits<std::int32_t>::max()));
    EXPECT_EQ(t.told().size(), 2U);
}

TEST(Reader, NamesThePlaceOfAnElement) {
    Tree t("a = ( 1, \"x\", -2 );\nb = ( { c = ( true ); } );");
    EXPECT_EQ(t.reader.integers(t["a"], 0, 9), (std::vector<std::int64_t>{1}));
    EXPECT_EQ(t.reader.texts(t["a"]), (Lines{"x"}));
    EXPECT_TRUE(t.reader.values(t["b.[0].c"]).empty());
    EXPECT_TRUE(t.reader.texts(t["b.[0]"]).empty());
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

TEST(Reader, ProposesAKnownKeyOrListsThem) {
    Tree t("rulse = 1;\nlists = { l = { vales = 1; }; };\nzzzzzzzzz = 1;");
    constexpr std::array<std::string_view, 2> kTop = {"rules", "lists"};
    constexpr std::array<std::string_view, 2> kList = {"type", "values"};
    t.reader.known_keys(t.config.getRoot(), kTop);
    t.reader.known_keys(t["lists.l"], kList);
    EXPECT_EQ(t.told(),
              (Lines{
                  "m:1:1: error: unknown key `rulse`, did you mean `rules`?",
                  "m:3:1: error: unknown key `zzzzzzzzz`, expected one of: rules, lists",
                  "m:2:17: error: unknown key `lists.l.vales`, did you mean `lists.l.values`?",
              }));
}

TEST(Reader, ProposesAWord) {
    Tree t("mode = \"enforced\";\nother = 3;");
    constexpr std::array<std::string_view, 2> kModes = {"enforce", "observe"};
    EXPECT_FALSE(t.reader.word(t["mode"], kModes));
    EXPECT_FALSE(t.reader.word(t["other"], kModes));
    EXPECT_EQ(t.told(), (Lines{
                            "m:1:1: error: `mode` is \"enforced\", expected one of \"enforce\", "
                            "\"observe\", did you mean `enforce`?",
                            "m:2:1: error: `other` is 3, expected one of \"enforce\", \"observe\"",
                        }));
}

TEST(Reader, CutsALongText) {
    Tree t("a = \"" + std::string(1000, 'x') + "\";");
    EXPECT_FALSE(t.reader.boolean(t["a"]));
    EXPECT_EQ(t.told().at(0),
              "m:1:1: error: `a` is \"" + std::string(80, 'x') + "\", expected true or false");
}

TEST(Reader, FindsWhatIsOptionalAndMissesWhatIsRequired) {
    Tree t("a = 1;\nb = {\n};");
    EXPECT_NE(t.reader.optional(t.config.getRoot(), "a"), nullptr);
    EXPECT_EQ(t.reader.optional(t.config.getRoot(), "z"), nullptr);
    EXPECT_EQ(t.reader.required(t["b"], "z", "a rule"), nullptr);
    EXPECT_EQ(t.reader.required(t.config.getRoot(), "z", "a policy"), nullptr);
    EXPECT_EQ(t.reader.text_or(t.config.getRoot(), "z", "else"), "else");
    EXPECT_EQ(t.told(),
              (Lines{"m:2:1: error: a rule needs a `z`", "m: error: a policy needs a `z`"}));
}

TEST(Reader, FindsTheColumnAmongEqualNamesOnALine) {
    Tree t(
        "rules = ( { on = 1; x = [ 7 ]; }, /* on = */ { note = \"on = 1\"; on = 2; } ); on\n= 3;");
    for (const char* path : {"rules.[0].on", "rules.[1].on", "on"}) {
        EXPECT_FALSE(t.reader.boolean(t[path]));
    }
    EXPECT_FALSE(t.reader.boolean(t["rules.[1]"]));
    EXPECT_FALSE(t.reader.boolean(t["rules.[0].x.[0]"]));
    std::vector<unsigned> columns;
    for (const Diagnostic& d : t.found.take()) {
        columns.push_back(d.column);
    }
    EXPECT_EQ(columns, (std::vector<unsigned>{13, 65, 78, 0, 21}));
}

}  // namespace
}  // namespace minerwall::settings

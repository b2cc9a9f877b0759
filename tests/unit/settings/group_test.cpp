#include "settings/group.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace minerwall::settings {
namespace {

using Lines = std::vector<std::string>;

constexpr std::array<std::string_view, 6> kKeys = {"work.count", "work.on",   "work.name",
                                                   "work.level", "work.list", "items.name"};

struct File {
    explicit File(const std::string& text) {
        EXPECT_TRUE(source.take(text, "m", found));
        EXPECT_TRUE(parse(source, config, found));
    }
    Group root() { return {&config.getRoot(), "", kKeys, reader}; }
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

TEST(Group, ReadsWhatIsWritten) {
    File f("work = { count = 3; on = true; name = \"n\"; level = \"b\"; list = [ 1, 2 ]; };");
    const Group g = f.root().group("work");
    EXPECT_EQ(g.number("count", 1, 0, 9), 3U);
    EXPECT_TRUE(g.flag("on", false));
    EXPECT_EQ(g.text("name", ""), "n");
    EXPECT_EQ(g.choice("level", 0, {"a", "b"}), 1U);
    EXPECT_EQ(g.numbers("list", 9), (std::vector<unsigned>{1, 2}));
    EXPECT_EQ(f.told(), Lines());
}

TEST(Group, GivesDefaultsWhereItIsAbsentOrWrong) {
    for (const char* text :
         {"", "work = { };",
          "work = { count = 10; on = 1; name = 1; level = \"z\"; list = 3; };"}) {
        File f(text);
        const Group g = f.root().group("work");
        EXPECT_EQ(g.number("count", 1, 0, 9), 1U);
        EXPECT_TRUE(g.flag("on", true));
        EXPECT_EQ(g.text("name", "else"), "else");
        EXPECT_EQ(g.choice("level", 1, {"a", "b"}), 1U);
        EXPECT_TRUE(g.numbers("list", 9).empty());
        EXPECT_TRUE(g.texts("list").empty());
        EXPECT_EQ(f.told().size(), std::string_view(text).size() < 20 ? 0U : 6U) << text;
    }
}

TEST(Group, KnowsOnlyItsOwnKeys) {
    File f("wrk = 1;\nwork = {\n cout = 1;\n items = 1;\n};\nitems = ( { list = 1; } );");
    const Group root = f.root();
    root.group("work");
    root.element((*root.find("items"))[0], "items");
    EXPECT_EQ(
        f.told(),
        (Lines{
            "m:1:1: error: unknown key `wrk`, did you mean `work`?",
            "m:3:2: error: unknown key `work.cout`, did you mean `work.count`?",
            "m:4:2: error: unknown key `work.items`, expected one of: count, on, name, level, list",
            "m:6:13: error: unknown key `items.list`, expected one of: name",
        }));
}

TEST(Group, ThatIsNoGroupIsAnErrorAndThenAbsent) {
    File f("work = 3;");
    const Group g = f.root().group("work");
    EXPECT_EQ(g.find("count"), nullptr);
    EXPECT_EQ(f.told(), (Lines{"m:1:1: error: `work` is 3, expected a group { ... }"}));
}

TEST(Group, ComplainsAtTheKeyTheGroupOrTheFile) {
    File f("\nwork = {\n count = 1;\n};");
    const Group root = f.root();
    const Group g = root.group("work");
    g.complain("count", "odd", "an even one");
    g.complain("name", "empty", "a name");
    root.error("items", "`items` is missing");
    root.group("absent").complain("x", "3", "4");
    EXPECT_EQ(g.line("count"), 3U);
    EXPECT_EQ(g.line("name"), 2U);
    EXPECT_EQ(root.line("name"), 0U);
    EXPECT_EQ(f.told(), (Lines{
                            "m:3:2: error: `work.count` is odd, expected an even one",
                            "m:2:1: error: `work.name` is empty, expected a name",
                            "m: error: `items` is missing",
                            "m: error: `absent.x` is 3, expected 4",
                        }));
}

}  // namespace
}  // namespace minerwall::settings

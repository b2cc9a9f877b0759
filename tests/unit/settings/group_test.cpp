// Groups of settings, as a file with defaults reads them: as_group(), and absent settings.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "settings/tree.hpp"

namespace minerwall::settings {
namespace {

using Lines = std::vector<std::string>;

constexpr std::array<std::string_view, 6> kKeys = {"work.count", "work.on",   "work.name",
                                                   "work.level", "work.list", "items.name"};

struct File {
    explicit File(const std::string& text) {
        EXPECT_TRUE(source.take(text, "m", found));
        EXPECT_TRUE(tree.parse());
    }
    Setting root() { return tree.root().as_group(kKeys); }
    Setting work() { return root().find("work").as_group(kKeys); }
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

constexpr std::array<std::string_view, 2> kLevels = {"a", "b"};

TEST(Group, ReadsWhatIsWritten) {
    File f("work = { count = 3; on = true; name = \"n\"; level = \"b\"; list = [ 1, 2 ]; };");
    const Setting g = f.work();
    EXPECT_EQ(g.find("count").integer(0, 9), 3);
    EXPECT_EQ(g.find("on").boolean(), true);
    EXPECT_EQ(g.find("name").text(), "n");
    EXPECT_EQ(g.find("level").word(kLevels), 1U);
    EXPECT_EQ(g.find("list").integers(0, 9), (std::vector<std::int64_t>{1, 2}));
    EXPECT_EQ(f.told(), Lines());
}

TEST(Group, GivesNothingWhereItIsAbsentOrWrong) {
    for (const char* text :
         {"", "work = { };",
          "work = { count = 10; on = 1; name = 1; level = \"z\"; list = 3; };"}) {
        File f(text);
        const Setting g = f.work();
        EXPECT_FALSE(g.find("count").integer(0, 9));
        EXPECT_FALSE(g.find("on").boolean());
        EXPECT_FALSE(g.find("name").text());
        EXPECT_FALSE(g.find("level").word(kLevels));
        EXPECT_TRUE(g.find("list").integers(0, 9).empty());
        EXPECT_TRUE(g.find("list").texts().empty());
        EXPECT_EQ(f.told().size(), std::string_view(text).size() < 20 ? 0U : 6U) << text;
    }
}

TEST(Group, KnowsOnlyItsOwnKeys) {
    File f("wrk = 1;\nwork = {\n cout = 1;\n items = 1;\n};\nitems = ( { list = 1; } );");
    const Setting root = f.root();
    root.find("work").as_group(kKeys);
    root.find("items")[0].as_group(kKeys);
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
    const Setting g = f.work();
    EXPECT_FALSE(g.find("count"));
    EXPECT_EQ(f.told(), (Lines{"m:1:1: error: `work` is 3, expected a group { ... }"}));
}

TEST(Group, ComplainsAtTheKeyTheGroupOrTheFile) {
    File f("\nwork = {\n count = 1;\n};");
    const Setting root = f.root();
    const Setting g = root.find("work").as_group(kKeys);
    g.find("count").complain("odd", "an even one");
    g.find("name").complain("empty", "a name");
    root.find("items").error("`items` is missing");
    root.find("absent").as_group(kKeys).find("x").complain("3", "4");
    EXPECT_EQ(g.find("count").location().line, 3U);
    EXPECT_EQ(g.find("name").location().line, 2U);
    EXPECT_EQ(root.find("name").location().line, 0U);
    EXPECT_EQ(f.told(), (Lines{
                            "m:3:2: error: `work.count` is odd, expected an even one",
                            "m:2:1: error: `work.name` is empty, expected a name",
                            "m: error: `items` is missing",
                            "m: error: `absent.x` is 3, expected 4",
                        }));
}

}  // namespace
}  // namespace minerwall::settings

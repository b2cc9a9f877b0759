#include "settings/directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "folder.hpp"
#include "settings/source.hpp"

namespace minerwall::settings {
namespace {
namespace fs = std::filesystem;

class DirectoryOfFiles : public testing::Test {
  protected:
    void SetUp() override {
        fs::create_directories(folder_.path() / "in" / "sub");
        folder_.write("secret", "secret");
        folder_.write("in/file", "inside");
    }
    // The text of the file, or what was said.
    std::string read(const std::string& name, std::size_t limit = 100) const {
        Diagnostics found;
        const auto text = Directory(in()).read(name, limit, {"p", 3, 5}, found);
        EXPECT_NE(text.has_value(), found.has_errors());
        return text ? *text : format(found.take().at(0));
    }
    fs::path in() const { return folder_.path() / "in"; }

    Folder folder_;
};

TEST_F(DirectoryOfFiles, GivesWhatLiesInItAndBelow) {
    folder_.write("in/sub/deep", "deep");
    fs::create_symlink("file", in() / "link");
    EXPECT_EQ(read("file"), "inside");
    EXPECT_EQ(read("sub/deep"), "deep");
    EXPECT_EQ(read("link"), "inside");
    EXPECT_EQ(read((in() / "file").string()), "inside");
}

TEST_F(DirectoryOfFiles, RefusesEachWayOutAtThePlaceThatNamesIt) {
    fs::create_symlink(folder_.path() / "secret", in() / "link");
    fs::create_symlink(folder_.path(), in() / "sub" / "up");
    for (const std::string& name :
         {std::string("../secret"), std::string("sub/../../secret"), std::string("link"),
          std::string("sub/up/secret"), (folder_.path() / "secret").string(), std::string(),
          std::string("file\0x", 6)}) {
        EXPECT_TRUE(read(name).starts_with("p:3:5: error: `" + name + "` ")) << read(name);
    }
    EXPECT_EQ(read("none"), "p:3:5: error: `none` cannot be opened: No such file or directory");
}

TEST_F(DirectoryOfFiles, TellsWhatIsWrongInsideAFileUnderTheNameThatWasGiven) {
    folder_.write("in/nul", std::string_view("a\nb\0", 4));
    EXPECT_EQ(read("nul"), (in() / "nul").string() +
                               ":2: error: a NUL byte: this is not a text "
                               "file");
    EXPECT_NE(read("file", 2).find("is larger than"), std::string::npos);
    EXPECT_NE(read("sub").find("is not a regular file"), std::string::npos);
}

TEST_F(DirectoryOfFiles, ThatIsNoneRefusesEveryFile) {
    Diagnostics found;
    EXPECT_FALSE(Directory({}).read("file", 100, {"p", 1}, found));
    EXPECT_TRUE(found.has_errors());
}

TEST_F(DirectoryOfFiles, PutsIncludesInPlaceWithTheirOwnLinesAndColumns) {
    folder_.write("in/inner", "b = {\n   c = 1;\n};");
    Diagnostics found;
    Source source(1 << 20);
    ASSERT_TRUE(source.take("a = 1;\n  @include \"inner\"  # text\n d = 4;\n", "outer",
                            Directory(in()), found));
    EXPECT_EQ(source.text(), "a = 1;\nb = {\n   c = 1;\n};\n d = 4;\n");
    EXPECT_EQ(source.locate(1).file, "outer");
    EXPECT_EQ(source.locate(3).file, (in() / "inner").string());
    EXPECT_EQ(source.locate(3).line, 2U);
    EXPECT_EQ(source.locate(5).file, "outer");
    EXPECT_EQ(source.locate(5).line, 3U);
    EXPECT_EQ(source.column(0, 1), 1U);
    EXPECT_EQ(source.column(2, 3), 4U);
    EXPECT_EQ(source.column(3, 5), 2U);
    EXPECT_EQ(source.column(3, 4), 0U) << "another line";
    EXPECT_EQ(source.column(4, 5), 0U) << "no such setting";
}

TEST_F(DirectoryOfFiles, IncludesAreBounded) {
    folder_.write("in/self", "@include \"self\"\n");
    Diagnostics found;
    Source source(1 << 20);
    EXPECT_FALSE(source.take("\n @include \"self\"\n", "outer", Directory(in()), found));
    EXPECT_EQ(format(found.take().at(0)),
              (in() / "self").string() +
                  ":1:1: error: @include deeper than 8 files: does `self` include itself?");
}

}  // namespace
}  // namespace minerwall::settings

// Lists and includes in files: what is read, what is refused, and how errors are reported.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "policy_text.hpp"

namespace minerwall::policy {
namespace {
namespace fs = std::filesystem;

class Files : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "minerwall-files-XXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        top_ = pattern;
        dir_ = top_ / "policies";
        fs::create_directories(dir_ / "lists");
    }
    void TearDown() override { fs::remove_all(top_); }

    void write(const fs::path& name, std::string_view text) const {
        std::ofstream(dir_ / name, std::ios::binary) << text;
    }
    // A policy with one list of the type from the file; its only rule uses the list.
    LoadResult load_list(const std::string& type, const std::string& file) const {
        const std::string key = type == "port" ? "any_port" : type == "ip" ? "any_ip" : "any_name";
        write(
            "p.conf",
            policy_text("l = { type = \"" + type + "\"; files = [ \"" + file + "\" ]; };",
                        "{ name = \"r\"; action = \"drop\"; when = { " + key + " = \"@l\"; }; }"));
        return load(dir_ / "p.conf", 1);
    }
    std::string at(const std::string& file) const { return (dir_ / file).string(); }

    fs::path top_, dir_;
};

void expect_said(const LoadResult& result, const std::string& said) {
    EXPECT_NE(format_all(result).find(said), std::string::npos)
        << "expected: " << said << "\ngot: " << format_all(result);
}

TEST_F(Files, AListFileHasEntriesCommentsAndNotes) {
    write("lists/l",
          "\xef\xbb\xbf# pools, checked 2024\r\n\r\n  pool.example  # seen at Ann's  \r\n"
          "=exact.example#tight\n\t\n*.wild.example");
    const LoadResult result = load_list("domain", "lists/l");
    ASSERT_TRUE(result.ok()) << format_all(result);
    const List& list = result.ruleset->list(0);
    ASSERT_EQ(list.size(), 3u);
    EXPECT_EQ(list.entry_text(0), "pool.example");
    EXPECT_EQ(list.entry_note(0), "seen at Ann's");
    EXPECT_EQ(list.entry_text(1), "=exact.example");
    EXPECT_EQ(list.entry_note(1), "tight");
    EXPECT_EQ(list.entry_text(2), "wild.example");
    EXPECT_EQ(list.entry_note(2), "");
}

TEST_F(Files, BadLinesAreToldWithFileAndLine) {
    write("lists/l", "good.example\nhttp://bad.example/\n\n0.0.0.0 hosts.example\ncom\n");
    const LoadResult result = load_list("domain", "lists/l");
    EXPECT_FALSE(result.ok());
    EXPECT_EQ(result.diagnostics.size(), 3u);
    expect_said(result, at("lists/l") + ":2: error: expected a domain name without scheme");
    expect_said(result, at("lists/l") + ":4: error: white space inside");
    expect_said(result, at("lists/l") + ":5: error: `com` is a single label");
}

TEST_F(Files, TheFormatSaysHowAFileIsRead) {
    const auto load_as = [&](const std::string& keys) {
        write("p.conf",
              policy_text("l = { " + keys + " };",
                          "{ name = \"r\"; action = \"drop\"; when = { any_name = \"@l\"; }; }"));
        return load(dir_ / "p.conf", 1);
    };
    write("lists/l", "! a filter list\n||pool.example^\n");
    const std::string files = "type = \"domain\"; files = [ \"lists/l\" ]; ";
    const LoadResult good = load_as(files + "format = \"adblock\"; values = [ \"a.example\" ];");
    ASSERT_TRUE(good.ok()) << format_all(good);
    EXPECT_EQ(good.ruleset->list(0).entry_text(0), "a.example");
    EXPECT_EQ(good.ruleset->list(0).entry_text(1), "pool.example");
    expect_said(load_as(files + "format = \"lines\";"), at("lists/l") + ":2: error: character `|`");
    expect_said(load_as(files + "format = \"adblok\";"),
                "`lists.l.format` is \"adblok\", expected one of");
    expect_said(load_as("type = \"port\"; files = [ \"lists/l\" ]; format = \"adblock\";"),
                at("p.conf") + ":2: error: list `l`: files of format \"adblock\" have names");
    expect_said(load_as("type = \"domain\"; values = [ \"a.example\" ]; format = \"adblock\";"),
                at("p.conf") + ":2: error: list `l`: `format` says how files are read");
}

TEST_F(Files, ListsKeepThePlacesOfTheirEntriesOnDemand) {
    write("lists/a", "# pools\na.example\n");
    write("lists/b", "||b.example^\n");
    write("p.conf",
          policy_text(
              "l = { type = \"domain\"; values = [ \"v.example\" ]; files = [ \"lists/a\" ]; };\n"
              "m = { type = \"domain\"; files = [ \"lists/b\" ]; format = \"adblock\"; };",
              "{ name = \"r\"; action = \"drop\"; when = { any_name = [ \"@l\", \"@m\" ]; }; }"));
    const LoadResult kept = load(dir_ / "p.conf", 1, EntryPlaces::keep);
    ASSERT_TRUE(kept.ok()) << format_all(kept);
    const auto place = [&](std::uint16_t list, std::uint32_t entry) {
        const EntryPlace at = kept.ruleset->list(list).entry_place(entry);
        return std::string(at.file) + ":" + std::to_string(at.line);
    };
    EXPECT_EQ(place(0, 0), at("p.conf") + ":2");
    EXPECT_EQ(place(0, 1), at("lists/a") + ":2");
    EXPECT_EQ(place(1, 0), at("lists/b") + ":1");
    EXPECT_EQ(place(1, 1), ":0");
    const LoadResult forgotten = load(dir_ / "p.conf", 1);
    ASSERT_TRUE(forgotten.ok());
    EXPECT_EQ(forgotten.ruleset->list(0).entry_place(0).line, 0u);
    EXPECT_LT(forgotten.ruleset->memory_bytes(), kept.ruleset->memory_bytes());
}

TEST_F(Files, DuplicatesAreWarningsThatNameBothPlaces) {
    write("lists/l", "192.0.2.0/24\n# again\n192.0.2.0/24\n");
    const LoadResult result = load_list("ip", "lists/l");
    EXPECT_TRUE(result.ok());
    expect_said(result, at("lists/l") + ":3: warning: `192.0.2.0/24` is listed before, at " +
                            at("lists/l") + ":1");
}

TEST_F(Files, ALongNoteIsCutAtACharacter) {
    std::string note(199, 'n');
    write("lists/l", "3333 # " + note + "\xc3\xa4 and more\n");
    const LoadResult result = load_list("port", "lists/l");
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result.ruleset->list(0).entry_note(0), note);
}

TEST_F(Files, NothingOutsideOfThePolicysDirectoryIsRead) {
    std::ofstream(top_ / "secret") << "secret.example\n";
    write("inside", "inside.example\n");
    fs::create_symlink(top_ / "secret", dir_ / "link-out");
    fs::create_symlink(top_, dir_ / "dir-out");
    fs::create_symlink(dir_ / "inside", dir_ / "link-in");
    expect_said(load_list("domain", "../secret"), "`..` is not allowed");
    expect_said(load_list("domain", "lists/../../secret"), "`..` is not allowed");
    expect_said(load_list("domain", "/etc/passwd"), "lies outside of the policy's directory");
    expect_said(load_list("domain", "link-out"), "lies outside of the policy's directory");
    expect_said(load_list("domain", "dir-out/secret"), "lies outside of the policy's directory");
    EXPECT_TRUE(load_list("domain", "link-in").ok());
    EXPECT_TRUE(load_list("domain", (dir_ / "inside").string()).ok());
    for (const char* name : {"../secret", "/etc/passwd", "link-out", "dir-out/secret"}) {
        EXPECT_EQ(format_all(load_list("domain", name)).find("root:"), std::string::npos);
        EXPECT_FALSE(load_list("domain", name).ok());
    }
}

TEST_F(Files, OnlyRegularTextFilesAreRead) {
    ASSERT_EQ(mkfifo((dir_ / "fifo").c_str(), 0600), 0);
    write("nul", std::string_view("a.example\nb\0c\n", 14));
    expect_said(load_list("domain", "fifo"), "is not a regular file");
    expect_said(load_list("domain", "lists"), "is not a regular file");
    expect_said(load_list("domain", "missing"),
                at("p.conf") + ":2: error: `missing` cannot be opened");
    expect_said(load_list("domain", ""), "is not a file name");
    expect_said(load_list("domain", "nul"), at("nul") + ":2: error: a NUL byte");
    expect_said(load(dir_, 1), "is not a regular file");
    expect_said(load(dir_ / "none.conf", 1), "cannot open");
    EXPECT_FALSE(load(dir_ / "none.conf", 1).ok());
}

TEST_F(Files, AFileLargerThanItsLimitIsRefused) {
    write("large", "a.example\n");
    fs::resize_file(dir_ / "large", kMaxListBytes + 1);
    expect_said(load_list("domain", "large"), "is larger than 256 MiB");
    write("large.conf", "");
    fs::resize_file(dir_ / "large.conf", kMaxPolicyBytes + 1);
    expect_said(load(dir_ / "large.conf", 1), "is larger than 64 MiB");
}

TEST_F(Files, IncludesKeepTheirOwnFileAndLine) {
    write("lists.conf", "lists: {\n  l = { type = \"port\"; values = [ 3333, 70000 ]; };\n};\n");
    write("p.conf",
          "version = 1; mode = \"enforce\";\n  @include \"lists.conf\"  # shared\nrules: (\n"
          "  { name = \"r\"; when = { any_port = \"@l\"; }; action = \"dorp\"; }\n);\n");
    const LoadResult bad = load(dir_ / "p.conf", 1);
    expect_said(bad, at("p.conf") + ":4:46: error: `rules.action` is \"dorp\", expected one of");
    write("p.conf",
          "version = 1; mode = \"enforce\";\n@include \"lists.conf\"\nrules: (\n"
          "  { name = \"r\"; when = { any_port = \"@l\"; }; action = \"drop\"; }\n);\n");
    expect_said(load(dir_ / "p.conf", 1), at("lists.conf") + ":2: error: expected a number from 1");
    write("lists.conf", "lists: {\n  l = { type = \"port\"; values = [ 3333 ]; };\n};\n");
    const LoadResult good = load(dir_ / "p.conf", 1);
    ASSERT_TRUE(good.ok()) << format_all(good);
    EXPECT_EQ(good.ruleset->list(0).file, at("lists.conf"));
    EXPECT_EQ(good.ruleset->list(0).line, 2u);
    EXPECT_EQ(good.ruleset->rule(0).line, 4u);
}

TEST_F(Files, IncludesAreConfinedAndBounded) {
    const auto included = [&](const std::string& line) {
        write("p.conf", "version = 1;\n" + line + "\nmode = \"enforce\"; rules: ( );\n");
        return load(dir_ / "p.conf", 1);
    };
    expect_said(included("@include \"/etc/passwd\""),
                at("p.conf") + ":2:1: error: `/etc/passwd` lies outside");
    expect_said(included("@include \"../x\""), "`..` is not allowed");
    expect_said(included("@include \"p.conf\""), "include itself?");
    expect_said(included("@include p.conf"), "expected @include \"FILE\"");
    expect_said(included("@include \"a"), "expected @include \"FILE\"");
    expect_said(included("@include \"p.conf\" x = 1;"), "nothing but a comment may follow");
    expect_said(included("x = \"\n@include \\\"/etc/passwd\\\"\";"),
                "must not start with @include");
    expect_said(included("x = 1; @include \"/etc/passwd\""), "syntax error");
    EXPECT_TRUE(included("/* not me:\n @include \"/etc/passwd\"\n*/").ok());
    EXPECT_TRUE(included("# @include \"/etc/passwd\"").ok());
    write("open", "/* never closed\n");
    expect_said(included("@include \"open\""), "ends inside of a text or a comment");
    write("wide", "@include \"leaf\"\n@include \"leaf\"\n");
    write("leaf", "# nothing\n");
    std::string many;
    for (int i = 0; i < 200; ++i) {
        many += "@include \"wide\"\n";
    }
    expect_said(included(many), "more than 256 files");
}

TEST_F(Files, ATextWithoutADirectoryReadsNoFile) {
    const LoadResult result =
        load_text(policy_text("l = { type = \"ip\"; files = [ \"/etc/passwd\" ]; };", ""), {}, 1);
    expect_said(result, "this policy has no directory of its own");
    EXPECT_FALSE(result.ok());
}

TEST_F(Files, ACrlfPolicyLoads) {
    write("p.conf", "version = 1;\r\nmode = \"observe\";\r\nrules: (\r\n);\r\n");
    const LoadResult result = load(dir_ / "p.conf", 1);
    EXPECT_TRUE(result.ok()) << format_all(result);
}

}  // namespace
}  // namespace minerwall::policy

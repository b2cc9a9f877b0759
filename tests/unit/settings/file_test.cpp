#include "settings/file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "folder.hpp"

namespace minerwall::settings {
namespace {

using Fault = FileText::Fault;

TEST(File, IsReadWholeUpToItsLimit) {
    const Folder folder;
    folder.write("f", std::string_view("a\0b\n", 4));
    const FileText exact = read_regular_file(folder.path() / "f", 4);
    EXPECT_EQ(exact.fault, Fault::none);
    EXPECT_EQ(exact.text, std::string_view("a\0b\n", 4));
    const FileText above = read_regular_file(folder.path() / "f", 3);
    EXPECT_EQ(above.fault, Fault::size);
    EXPECT_EQ(above.size, 4U);
    EXPECT_TRUE(above.text.empty());
    folder.write("empty", "");
    EXPECT_EQ(read_regular_file(folder.path() / "empty", 0).fault, Fault::none);
}

TEST(File, ThatIsAbsentIsToldWithTheReason) {
    const Folder folder;
    const FileText file = read_regular_file(folder.path() / "none", 9);
    EXPECT_EQ(file.fault, Fault::open);
    EXPECT_EQ(file.error, ENOENT);
}

TEST(File, ThatIsNotRegularIsRefusedAtOnce) {
    const Folder folder;
    ASSERT_EQ(mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
    EXPECT_EQ(read_regular_file(folder.path() / "pipe", 9).fault, Fault::irregular);
    EXPECT_EQ(read_regular_file(folder.path(), 9).fault, Fault::irregular);
    EXPECT_EQ(read_regular_file("/dev/zero", 9).fault, Fault::irregular);
}

TEST(File, ThatHoldsMoreThanTheFileSystemSaysIsReadWithinTheLimit) {
    // Files of /proc have size 0.
    EXPECT_EQ(read_regular_file("/proc/self/status", 1).fault, Fault::growth);
    const FileText file = read_regular_file("/proc/self/status", 1 << 20);
    EXPECT_EQ(file.fault, Fault::none);
    EXPECT_TRUE(file.text.starts_with("Name:"));
}

}  // namespace
}  // namespace minerwall::settings

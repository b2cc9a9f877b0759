#include "output/sink.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

namespace minerwall::output {
namespace {

using namespace std::chrono_literals;

class SinkTest : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string name = ::testing::TempDir() + "minerwall-sink-XXXXXX";
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string path(const char* name) const { return folder_ / name; }
    static std::string content(const std::string& path) {
        std::ifstream in(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    SinkOptions to(const char* name) const {
        SinkOptions o;
        o.path = path(name);
        o.patience = 20ms;
        return o;
    }
    std::filesystem::path folder_;
};

TEST_F(SinkTest, WritesWhatItWasGivenAndAppendsToWhatWasThere) {
    std::ofstream(path("log")) << "old\n";
    Sink sink(to("log"));
    ASSERT_EQ(sink.open(), "");
    sink.append("a\n");
    sink.append("b\nc\n");
    EXPECT_TRUE(sink.flush());
    EXPECT_EQ(content(path("log")), "old\na\nb\nc\n");
    EXPECT_EQ(sink.counts().written, 3u);
    EXPECT_EQ(sink.counts().lost, 0u);
}

TEST_F(SinkTest, SaysInOneLineWhyItCannotOpen) {
    Sink sink(to("no/such/folder"));
    const std::string error = sink.open();
    EXPECT_NE(error.find("no/such/folder: No such file or directory"), std::string::npos) << error;
    sink.append("x\n");
    EXPECT_EQ(sink.counts().lost, 1u);
}

TEST_F(SinkTest, ReopenFollowsARenameAndLosesNoLine) {
    Sink sink(to("log"));
    ASSERT_EQ(sink.open(), "");
    sink.append("before\n");
    std::filesystem::rename(path("log"), path("log.1"));
    ASSERT_EQ(sink.reopen(), "");
    sink.append("after\n");
    sink.close();
    EXPECT_EQ(content(path("log.1")), "before\n");
    EXPECT_EQ(content(path("log")), "after\n");
}

TEST_F(SinkTest, AFileHasOneWriter) {
    Sink first(to("log"));
    ASSERT_EQ(first.open(), "");
    Sink second(to("log"));
    EXPECT_NE(second.open().find("log: another process writes it"), std::string::npos);
    EXPECT_EQ(first.reopen(), "") << "it was not renamed";
    first.append("a\n");
    EXPECT_NE(second.open(), "") << "and stays locked";

    std::filesystem::rename(path("log"), path("log.1"));
    ASSERT_EQ(second.open(), "");
    EXPECT_NE(first.reopen(), "") << "the new file is the second one's";
    first.append("b\n");
    first.close();
    EXPECT_EQ(content(path("log.1")), "a\nb\n");
}

TEST_F(SinkTest, AFullDiskCostsLinesThatAreCountedAndNothingElse) {
    SinkOptions o;
    o.path = "/dev/full";
    o.patience = 20ms;
    o.buffer_bytes = 1000;
    o.write_bytes = 100;
    Sink sink(o);
    ASSERT_EQ(sink.open(), "");
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 10'000; ++i) {
        sink.append("0123456789\n");
    }
    sink.close();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
    EXPECT_EQ(sink.counts().lost, 10'000u);
    EXPECT_EQ(sink.counts().written, 0u);
    EXPECT_GT(sink.counts().errors, 0u);
}

// A file size limit makes the kernel write a part of a line and then fail, like a full disk.
TEST_F(SinkTest, ALineThatWasCutByAFullDiskIsFinishedFirstWhenThereIsRoomAgain) {
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
    Sink sink(to("log"));
    ASSERT_EQ(sink.open(), "");
    const rlimit small{15, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    sink.append("0123456789\n");
    sink.append("abcdefghij\n");
    EXPECT_FALSE(sink.flush());
    EXPECT_EQ(content(path("log")), "0123456789\nabcd");
    setrlimit(RLIMIT_FSIZE, &before);
    std::this_thread::sleep_for(250ms);
    sink.append("last\n");
    EXPECT_TRUE(sink.flush());
    EXPECT_EQ(content(path("log")), "0123456789\nabcdefghij\nlast\n");
    EXPECT_EQ(sink.counts().written, 3u);
    std::signal(SIGXFSZ, old_handler);
}

TEST_F(SinkTest, NoTornLineIsLeftBehindOnClose) {
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
    Sink sink(to("log"));
    ASSERT_EQ(sink.open(), "");
    const rlimit small{15, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    sink.append("0123456789\nabcdefghij\n");
    sink.close();
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, old_handler);
    EXPECT_EQ(content(path("log")), "0123456789\n");
    EXPECT_EQ(sink.counts().written, 1u);
    EXPECT_EQ(sink.counts().lost, 1u);
}

TEST_F(SinkTest, AStuckReaderDoesNotHoldUpTheWriterAndGetsWholeLinesLater) {
    ASSERT_EQ(mkfifo(path("fifo").c_str(), 0600), 0);
    const int reader = open(path("fifo").c_str(), O_RDONLY | O_NONBLOCK);
    ASSERT_GE(reader, 0);
    SinkOptions o = to("fifo");
    o.buffer_bytes = 10'000;
    o.write_bytes = 1000;
    Sink sink(o);
    ASSERT_EQ(sink.open(), "");
    const std::string line(99, 'x');
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 5000; ++i) {
        sink.append(line + "\n");  // 500 kB; the pipe holds 64
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
    EXPECT_GT(sink.counts().lost, 0u);

    std::string got;
    char piece[8192];
    std::this_thread::sleep_for(250ms);
    for (int turn = 0; turn < 100; ++turn) {
        for (ssize_t n; (n = read(reader, piece, sizeof piece)) > 0;) {
            got.append(piece, static_cast<std::size_t>(n));
        }
        if (sink.flush()) {
            break;
        }
    }
    for (ssize_t n; (n = read(reader, piece, sizeof piece)) > 0;) {
        got.append(piece, static_cast<std::size_t>(n));
    }
    ::close(reader);
    ASSERT_EQ(got.size() % 100, 0u);
    EXPECT_EQ(got.size() / 100 + sink.counts().lost, 5000u);
    EXPECT_EQ(got.size() / 100, sink.counts().written);
}

}  // namespace
}  // namespace minerwall::output

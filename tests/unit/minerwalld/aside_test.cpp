#include "minerwalld/aside.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <future>
#include <string>
#include <thread>

#include "minerwalld/slow_file.hpp"

namespace minerwall::daemon {
namespace {

using namespace std::chrono_literals;

TEST(Aside, DoesOneJobAtATimeAndNobodyWaits) {
    Aside aside("test");
    std::promise<void> free;
    std::atomic<int> done{0};
    ASSERT_TRUE(aside.start([&, ready = free.get_future().share()] {
        ready.wait();
        ++done;
    }));
    EXPECT_TRUE(aside.busy());
    EXPECT_FALSE(aside.start([&] { ++done; }));
    EXPECT_FALSE(aside.wait(10ms));
    free.set_value();
    EXPECT_TRUE(aside.wait(10s));
    EXPECT_EQ(done, 1);
    EXPECT_TRUE(aside.start([&] { ++done; }));
    EXPECT_TRUE(aside.wait(10s));
    EXPECT_EQ(done, 2);
}

// A pipe that nobody reads is as slow as a disk can be.
class SlowFileTest : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_EQ(pipe2(ends_.data(), O_CLOEXEC), 0);
        fcntl(ends_[1], F_SETPIPE_SZ, 4096);
    }
    void TearDown() override { close(ends_[0]); }
    std::string read_all() const {
        std::string out;
        std::array<char, 4096> buffer;
        for (ssize_t n; (n = read(ends_[0], buffer.data(), buffer.size())) > 0;) {
            out.append(buffer.data(), static_cast<std::size_t>(n));
        }
        return out;
    }
    std::array<int, 2> ends_{-1, -1};
};

TEST_F(SlowFileTest, TakesLinesWithoutWaitingAndWritesThemLater) {
    const std::string line = std::string(1023, 'x') + '\n';
    std::size_t taken = 0;
    std::string seen;
    std::thread reader;
    {
        SlowFile file(ends_[1]);
        close(ends_[1]);
        const auto begin = std::chrono::steady_clock::now();
        while (file.write(line)) {
            ++taken;
        }
        EXPECT_GE(taken, SlowFile::kMostBytes / line.size());
        EXPECT_FALSE(file.flush(20ms));
        EXPECT_LT(std::chrono::steady_clock::now() - begin, 1s);
        reader = std::thread([&] { seen = read_all(); });
        EXPECT_TRUE(file.flush(10s));
        EXPECT_TRUE(file.write("last\n"));
    }
    reader.join();
    EXPECT_EQ(seen.size(), taken * line.size() + 5);
    EXPECT_TRUE(seen.ends_with("x\nlast\n"));
}

}  // namespace
}  // namespace minerwall::daemon

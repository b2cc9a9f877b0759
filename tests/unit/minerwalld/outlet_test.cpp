#include "minerwalld/outlet.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

#include "minerwalld/loop.hpp"

namespace minerwall::daemon {
namespace {

using namespace std::chrono_literals;

enum class Kind { pipe, socket };

// A small pipe or socket with the daemon's end in blocking mode, as a shell or systemd makes it.
class OutletTest : public ::testing::TestWithParam<Kind> {
  protected:
    void SetUp() override {
        if (GetParam() == Kind::pipe) {
            ASSERT_EQ(pipe2(ends_.data(), O_CLOEXEC), 0);
            fcntl(ends_[1], F_SETPIPE_SZ, 4096);
        } else {
            ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_.data()), 0);
        }
        fcntl(ends_[0], F_SETFL, O_NONBLOCK);
    }
    void TearDown() override {
        close(ends_[0]);
        close(ends_[1]);
    }
    std::string drain() const {
        std::string out;
        std::array<char, 4096> buffer;
        for (ssize_t n; (n = read(ends_[0], buffer.data(), buffer.size())) > 0;) {
            out.append(buffer.data(), static_cast<std::size_t>(n));
        }
        return out;
    }
    int writer() const { return ends_[1]; }

  private:
    std::array<int, 2> ends_{-1, -1};
};

TEST_P(OutletTest, LosesWhatHasNoRoomAndSaysSo) {
    Outlet out(writer());
    const std::string line = std::string(63, 'x') + '\n';
    std::uint64_t sent = 0;
    while (out.lost() < 3) {
        out.write(line);
        ++sent;
    }
    std::string seen = drain();
    out.settle();
    out.write("after\n");
    seen += drain();
    EXPECT_NE(seen.find("warning: 3 lines of this log were lost"), std::string::npos);
    EXPECT_TRUE(seen.ends_with("\nafter\n"));
    std::uint64_t whole = 0;
    for (std::size_t at = 0; (at = seen.find(line, at)) != std::string::npos; at += line.size()) {
        ++whole;
    }
    EXPECT_EQ(whole + 3, sent);
    EXPECT_EQ(out.lost(), 3u);
    EXPECT_EQ(fcntl(writer(), F_GETFL) & O_NONBLOCK, 0) << "other writers keep their mode";
}

TEST_P(OutletTest, WaitsWithinItsPatience) {
    Outlet out(writer());
    while (out.lost() == 0) {
        out.write(std::string(63, 'x') + '\n');
    }
    const auto begin = std::chrono::steady_clock::now();
    out.write("lost\n", 100ms);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 90ms);
    EXPECT_EQ(out.lost(), 2u);

    std::string seen;
    std::thread reader([&] {
        std::this_thread::sleep_for(50ms);
        while (seen.find("kept\n") == std::string::npos) {
            seen += drain();
        }
    });
    out.write("kept\n", 10s);
    reader.join();
    EXPECT_EQ(out.lost(), 2u);
}

TEST_P(OutletTest, AStreamForLibrariesIsAsPatient) {
    Outlet out(writer());
    std::FILE* const stream = out.stream();
    ASSERT_NE(stream, nullptr);
    std::fprintf(stream, "EAL: %d\n", 7);
    std::fflush(stream);
    EXPECT_EQ(drain(), "EAL: 7\n");
    while (out.lost() == 0) {
        std::fprintf(stream, "%063d\n", 7);
        std::fflush(stream);
    }
}

INSTANTIATE_TEST_SUITE_P(All, OutletTest, ::testing::Values(Kind::pipe, Kind::socket));

TEST(Outlet, GoesOnAtTheEndOfAFile) {
    std::string name = ::testing::TempDir() + "minerwall-outlet-XXXXXX";
    const Descriptor file(mkstemp(name.data()), "mkstemp");
    unlink(name.c_str());
    ASSERT_EQ(write(file.get(), "old\n", 4), 4);
    {
        Outlet out(file.get());
        out.write("new\n");
    }
    std::array<char, 16> text{};
    EXPECT_EQ(pread(file.get(), text.data(), text.size(), 0), 8);
    EXPECT_STREQ(text.data(), "old\nnew\n");
}

TEST(Outlet, WithoutADescriptorLosesAll) {
    Outlet out(-1);
    out.write("a\nb\n", 1s);
    EXPECT_EQ(out.lost(), 2u);
}

}  // namespace
}  // namespace minerwall::daemon

#include "machine/end_lock.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

namespace minerwall::machine {
namespace {

EndConfig end(EndKind kind, const std::string& device) {
    return {.kind = kind, .name = device, .device = device};
}

std::vector<WireConfig> wire(const std::string& a, const std::string& b) {
    return {{.name = "w", .ends = {end(EndKind::kernel, a), end(EndKind::kernel, b)}}};
}

class EndLockTest : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string name = ::testing::TempDir() + "minerwall-locks-XXXXXX";
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder_ = name + "/locks";
    }
    void TearDown() override {
        std::filesystem::remove_all(std::filesystem::path(folder_).parent_path());
    }
    std::ptrdiff_t files() const {
        return std::distance(std::filesystem::directory_iterator(folder_), {});
    }
    std::string folder_;
};

TEST(EndLock, AnInterfaceIsKnownByItsNamespaceAndADeviceByItsAddress) {
    EXPECT_EQ(lock_file(end(EndKind::kernel, "eth1"), 7), "net-7-eth1.lock");
    EXPECT_EQ(lock_file(end(EndKind::vdev, "net_af_packet0,iface=eth1,qpairs=2"), 7),
              "net-7-eth1.lock");
    EXPECT_EQ(lock_file(end(EndKind::pci, "0000:01:00.0"), 7), "pci-0000:01:00.0.lock");
    EXPECT_EQ(lock_file(end(EndKind::vdev, "net_null0"), 7), "");
}

TEST_F(EndLockTest, ASecondOwnerIsRefusedByName) {
    EndLocks first(folder_);
    EXPECT_EQ(first.take(wire("a", "b")), "");
    EXPECT_EQ(files(), 2);
    {
        EndLocks second(folder_);
        const std::string error = second.take(wire("c", "b"));
        EXPECT_NE(error.find("the wire end b belongs to process " + std::to_string(getpid())),
                  std::string::npos)
            << error;
    }
    EXPECT_EQ(files(), 2) << "the refused one leaves no file, and takes none";
    EXPECT_EQ(EndLocks(folder_).take(wire("c", "d")), "");
}

TEST_F(EndLockTest, AnEndIsFreeAfterItsOwner) {
    {
        EndLocks first(folder_);
        EXPECT_EQ(first.take(wire("a", "b")), "");
    }
    EXPECT_EQ(files(), 0);
    EXPECT_EQ(EndLocks(folder_).take(wire("a", "b")), "");
}

TEST_F(EndLockTest, AKilledOwnerIsNoObstacle) {
    int ready[2];
    ASSERT_EQ(pipe(ready), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        EndLocks locks(folder_);
        const char ok = locks.take(wire("a", "b")).empty() ? 'y' : 'n';
        (void)!write(ready[1], &ok, 1);
        pause();
        _exit(0);
    }
    char ok = 0;
    ASSERT_EQ(read(ready[0], &ok, 1), 1);
    close(ready[0]);
    close(ready[1]);
    EXPECT_EQ(ok, 'y');
    EXPECT_NE(EndLocks(folder_).take(wire("a", "b")), "");
    kill(child, SIGKILL);
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
    EXPECT_EQ(files(), 2);
    EXPECT_EQ(EndLocks(folder_).take(wire("a", "b")), "");
}

TEST_F(EndLockTest, ADirectoryThatCannotBeMadeIsOneLine) {
    EndLocks locks("/proc/no/such");
    EXPECT_NE(locks.take(wire("a", "b")).find("cannot lock /proc/no/such"), std::string::npos);
}

}  // namespace
}  // namespace minerwall::machine

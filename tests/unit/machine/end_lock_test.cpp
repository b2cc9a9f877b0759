#include "machine/end_lock.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "machine/kept_settings.hpp"

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

TEST_F(EndLockTest, LeftoversAreClearedAndOthersStay) {
    EndLocks ours(folder_);
    ASSERT_EQ(ours.take(wire("a", "b")), "");
    {
        EndLocks killed(folder_);
        ASSERT_EQ(killed.take(wire("c", "d")), "");
        std::filesystem::copy(folder_, folder_ + ".copy");
    }
    std::filesystem::copy(
        folder_ + ".copy", folder_,
        std::filesystem::copy_options::recursive | std::filesystem::copy_options::skip_existing);
    const InterfaceSettings absent{1 << 30, "02aabbccddee", true, "", {}};
    const std::string kept = ours.kept_file(end(EndKind::kernel, "c"));
    ASSERT_EQ(KeptSettings(kept).keep(absent), "");
    ASSERT_EQ(KeptSettings(ours.kept_file(end(EndKind::kernel, "a"))).keep(absent), "");
    EXPECT_EQ(files(), 6);
    EXPECT_TRUE(ours.clear_leftovers().empty()) << "that interface is gone";
    EXPECT_EQ(files(), 3) << "ours: two locks, and settings";
    EXPECT_FALSE(std::filesystem::exists(kept));
}

TEST_F(EndLockTest, AFileHasOneOwnerByWhateverPath) {
    EndLocks first(folder_), second(folder_);
    const std::string parent = std::filesystem::path(folder_).parent_path();
    EXPECT_EQ(first.take_file(parent + "/learned.json"), "");
    const std::string error = second.take_file(folder_ + "/../learned.json");
    EXPECT_NE(error.find("learned.json belongs to process"), std::string::npos) << error;
    EXPECT_EQ(second.take_file(parent + "/other.json"), "");
}

}  // namespace
}  // namespace minerwall::machine

#include "machine/eal.hpp"

#include <gtest/gtest.h>
#include <rte_lcore.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "environment.hpp"

namespace minerwall::machine {
namespace {

std::string argument(const std::vector<std::string>& args, const std::string& after) {
    const auto found = std::find(args.begin(), args.end(), after);
    return found == args.end() || found + 1 == args.end() ? "" : *(found + 1);
}

bool has(const std::vector<std::string>& args, const std::string& word) {
    return std::find(args.begin(), args.end(), word) != args.end();
}

TEST(EalArguments, NeverAskForHugepagesAndNoHugepagesTogether) {
    const EalOptions o;
    const auto with = eal_arguments(o, true, {0, 1});
    const auto without = eal_arguments(o, false, {0, 1});
    EXPECT_TRUE(has(with, "--in-memory"));
    EXPECT_FALSE(has(with, "--no-huge"));
    EXPECT_TRUE(has(without, "--no-huge"));
    EXPECT_TRUE(has(without, "--no-shconf"));
    EXPECT_FALSE(has(without, "--in-memory"));
    EXPECT_EQ(argument(without, "-m"), "512");
}

TEST(EalArguments, GiveWorkersTheirOwnCpusAsFarAsTheyGo) {
    EalOptions o;
    o.workers = 3;
    EXPECT_EQ(argument(eal_arguments(o, false, {0, 1, 2, 3}), "--lcores"), "0@0,1@1,2@2,3@3");
    EXPECT_EQ(argument(eal_arguments(o, false, {4, 6}), "--lcores"), "0@4,1@6,2@6,3@6");
    EXPECT_EQ(argument(eal_arguments(o, false, {5}), "--lcores"), "0@5,1@5,2@5,3@5");
    o.main_core = 3;
    EXPECT_EQ(argument(eal_arguments(o, false, {0, 1, 2, 3}), "--lcores"), "0@3,1@0,2@1,3@2");
    o.cores = {2, 2, 1};
    EXPECT_EQ(argument(eal_arguments(o, false, {0, 1, 2, 3}), "--lcores"), "0@3,1@2,2@2,3@1");
}

TEST(EalArguments, ScanOnlyTheDevicesOfTheWires) {
    EalOptions o;
    EXPECT_TRUE(has(eal_arguments(o, true, {0}), "--no-pci"));
    o.pci = {"0000:01:00.0"};
    const auto args = eal_arguments(o, true, {0});
    EXPECT_FALSE(has(args, "--no-pci"));
    EXPECT_EQ(argument(args, "-a"), "0000:01:00.0");
}

TEST(Eal, GivesEachWorkerItsLcore) {
    EXPECT_FALSE(test_eal().uses_hugepages());
    EXPECT_EQ(rte_lcore_count(), kTestWorkers + 1);
    EXPECT_EQ(rte_get_main_lcore(), 0U);
    EXPECT_TRUE(rte_lcore_is_enabled(Eal::worker_lcore(kTestWorkers - 1)));
}

TEST(Eal, RefusesASecondStartWithALine) {
    std::string error;
    EXPECT_FALSE(Eal::start({}, error));
    EXPECT_EQ(error, "EAL was already started in this process");
}

namespace fs = std::filesystem;

class RuntimeDirectoryTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "minerwall-runtime-XXXXXX";
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        parent_ = name;
    }
    void TearDown() override { fs::remove_all(parent_); }
    std::string make(const std::string& name) const {
        fs::create_directory(parent_ / name);
        std::ofstream(parent_ / name / "config") << "x";
        return parent_ / name;
    }
    fs::path parent_;
};

TEST_F(RuntimeDirectoryTest, IsRemovedAtTheEndAndAfterAKillByTheNextStart) {
    RuntimeDirectory alive;
    alive.own(make("minerwall-11"));
    const std::string killed = make("minerwall-12");
    std::ofstream(killed + "/owner") << "";
    const std::string ended_long_ago = make("minerwall-2147483647");
    fs::last_write_time(ended_long_ago, fs::file_time_type::clock::now() - std::chrono::hours(1));
    const std::string starting = make("minerwall-2147483646");
    const std::string other_program = make("other-13");
    const std::string own = make("minerwall-14");
    {
        RuntimeDirectory directory;
        directory.own(own);
        EXPECT_FALSE(fs::exists(killed));
        EXPECT_FALSE(fs::exists(ended_long_ago));
        EXPECT_TRUE(fs::exists(starting)) << "it is young";
        EXPECT_TRUE(fs::exists(other_program));
        EXPECT_TRUE(fs::exists(parent_ / "minerwall-11"));
    }
    EXPECT_FALSE(fs::exists(own));
    RuntimeDirectory().own("");
}

// We find each fault before we start EAL, which would panic or report it unclearly.
std::string start_error(const EalOptions& options) {
    std::string error;
    EXPECT_FALSE(Eal::start(options, error));
    return error;
}

TEST(EalOptions, ACpuThatIsNotThereIsNamed) {
    EalOptions o;
    o.cores = {1023};
    EXPECT_EQ(start_error(o).find("workers.cores: CPU 1023 is not there or not allowed"), 0U);
    o.cores.clear();
    o.main_core = 1022;
    EXPECT_EQ(start_error(o).find("workers.main_core: CPU 1022 is not there"), 0U);
    o.main_core.reset();
    o.workers = 3;
    o.cores = {0, 0};
    EXPECT_EQ(start_error(o), "workers.cores names 2 CPUs for 3 workers");
}

TEST(EalOptions, MemoryThatIsNotThereIsNamedWithWhatToDo) {
    EalOptions o;
    o.memory_mb = 1 << 20;  // a tebibyte
    o.hugepages = HugepageMode::on;
    EXPECT_NE(start_error(o).find("of hugepages are free and memory.mb is 1048576: run "
                                  "`drivers-config/hugepages reserve 1048576`"),
              std::string::npos);
    o.hugepages = HugepageMode::off;
    EXPECT_EQ(start_error(o).find("memory.mb is 1048576 and "), 0U);
    o.hugepages = HugepageMode::automatic;
    o.pci = {"0000:01:00.0"};
    EXPECT_EQ(start_error(o).find("the wire end 0000:01:00.0 is a PCI device and needs hugepages"),
              0U);
}

TEST(Pools, KeepFramesAndCraftedFramesApart) {
    std::vector<PoolLevel> levels = test_pools().levels();
    ASSERT_EQ(levels.size(), 3U);
    EXPECT_EQ(levels[0].name, "frames_0");
    EXPECT_EQ(levels[0].size, kTestMbufs);
    EXPECT_EQ(levels[1].name, "crafted");
    EXPECT_EQ(levels[2].name, "datagrams");
    EXPECT_NE(test_pools().frames(0), test_pools().crafted());
    EXPECT_EQ(test_pools().frames(7), test_pools().frames(0)) << "no such NUMA node: the nearest";
}

TEST(Pools, AreLargeEnoughForAllThatTheQueuesHold) {
    Config c;
    c.wires.resize(2);
    for (WireConfig& wire : c.wires) {
        wire.ends[0].kind = wire.ends[1].kind = EndKind::pci;
    }
    c.workers.count = 4;
    EXPECT_GE(default_mbufs(c), 4U * 4U * (c.workers.rx_descriptors + c.workers.tx_descriptors));
}

}  // namespace
}  // namespace minerwall::machine

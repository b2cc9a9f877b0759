// How a kernel interface becomes a wire end and is given back.
#include <gtest/gtest.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "environment.hpp"
#include "machine/port.hpp"
#include "veth.hpp"

namespace minerwall::machine {
namespace {

class KernelEndSetup : public testing::Test {
  protected:
    void SetUp() override {
        std::string why_not;
        if (!enter_namespace(why_not)) {
            GTEST_SKIP() << why_not;
        }
    }
    static std::string open_error(const std::string& name) {
        KernelOptions options;
        options.pool = test_pools().frames(0);
        std::string error;
        std::vector<std::string> warnings;
        EXPECT_EQ(KernelInterface::open(name, options, error, warnings), nullptr);
        return error;
    }
};

unsigned offload(const char* name, unsigned command) {
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    ethtool_value value{command, 0};
    ifreq r{};
    std::strcpy(r.ifr_name, name);
    r.ifr_data = reinterpret_cast<char*>(&value);
    ioctl(fd, SIOCETHTOOL, &r);
    close(fd);
    return value.data;
}

std::string first_word(const std::string& path) {
    std::string word;
    std::ifstream(path) >> word;
    return word;
}

TEST_F(KernelEndSetup, SaysWhatIsWrongInOneLine) {
    EXPECT_EQ(open_error("nowhere"),
              "wire end nowhere: no such network interface (`ip link` lists them)");
    EXPECT_EQ(open_error("a-name-that-is-too-long"),
              "wire end a-name-that-is-too-long: no such network interface (`ip link` lists them)");
    EXPECT_EQ(open_error("lo"), "wire end lo: the loopback interface cannot be an end");
}

TEST_F(KernelEndSetup, SilencesTheInterfaceAndPutsItBack) {
    const VethPair pair;
    ASSERT_TRUE(run("ip link set near down"));
    const std::string ipv6 = "/proc/sys/net/ipv6/conf/near/disable_ipv6";
    const std::string ipv6_before = first_word(ipv6);
    EXPECT_NE(offload("near", ETHTOOL_GTSO), 0U);
    EXPECT_NE(offload("near", ETHTOOL_GTXCSUM), 0U);
    {
        const auto end = open_end("near");
        EXPECT_NE(link_flags("near") & IFF_UP, 0);
        EXPECT_EQ(offload("near", ETHTOOL_GTSO), 0U);
        EXPECT_EQ(offload("near", ETHTOOL_GGSO), 0U);
        EXPECT_EQ(offload("near", ETHTOOL_GGRO), 0U);
        EXPECT_EQ(offload("near", ETHTOOL_GTXCSUM), 0U);
        if (!ipv6_before.empty()) {
            EXPECT_EQ(first_word(ipv6), "1");
        }
    }
    EXPECT_EQ(link_flags("near") & IFF_UP, 0);
    EXPECT_NE(offload("near", ETHTOOL_GTSO), 0U);
    EXPECT_NE(offload("near", ETHTOOL_GTXCSUM), 0U);
    EXPECT_EQ(first_word(ipv6), ipv6_before);
}

TEST_F(KernelEndSetup, WarnsOfAnAddress) {
    const VethPair pair;
    ASSERT_TRUE(run("ip address add 192.0.2.7/24 dev near"));
    KernelOptions options;
    options.pool = test_pools().frames(0);
    std::string error;
    std::vector<std::string> warnings;
    ASSERT_NE(KernelInterface::open("near", options, error, warnings), nullptr) << error;
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_EQ(
        warnings[0],
        "wire end near: it has the address 192.0.2.7: this host answers into the wire; remove it "
        "with `ip address flush dev near`");
}

TEST_F(KernelEndSetup, APortOnAKernelInterfaceTellsItsLinkAndLosses) {
    const VethPair pair;
    PortOptions options;
    options.workers = 2;
    options.pools = &test_pools();
    std::string error;
    std::vector<std::string> warnings;
    const EndConfig end{EndKind::kernel, "near", "near", 1};
    const auto port = Port::open(end, options, error, warnings);
    ASSERT_NE(port, nullptr) << error;
    EXPECT_TRUE(port->needs_rehash());
    EXPECT_TRUE(port->link().up);
    EXPECT_GE(port->queue(0).wait_fd(), 0);

    rte_mbuf* too_long = mbuf_of(make_frame(1600));
    EXPECT_EQ(port->queue(1).tx(&too_long, 1), 0U);
    EXPECT_TRUE(port->queue(1).tx_refused());
    rte_pktmbuf_free(too_long);
    EXPECT_EQ(port->stats().tx_errors, 1U);
    ASSERT_TRUE(run("ip link set far down"));
    EndNotes notes;
    for (unsigned wait = 0; wait < 200 && port->link().up; ++wait) {
        usleep(10'000);
        port->look(KernelInterface::Clock::now(), notes);
    }
    EXPECT_FALSE(port->link().up);
    EXPECT_EQ(port->state(), EndState::no_carrier);
    EXPECT_EQ(port->stats().rx_missed, 0U);
}

// A killed daemon restores nothing: its object is given up, and its sockets with it.
void kill(std::unique_ptr<KernelInterface> end) {
    static auto* const killed = new std::vector<KernelInterface*>;  // for a leak checker
    killed->push_back(end.release());
}

TEST_F(KernelEndSetup, WhatAKilledDaemonChangedIsPutBackAtTheEndOfTheNext) {
    std::string folder = testing::TempDir() + "minerwall-kept-XXXXXX";
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    const VethPair pair;
    ASSERT_TRUE(run("ip link set near down"));
    const int control = socket(AF_INET, SOCK_DGRAM, 0);
    const InterfaceSettings before = read_settings(control, "near");
    EXPECT_FALSE(before.up);
    EXPECT_FALSE(before.offloads.empty());
    KernelOptions options;
    options.pool = test_pools().frames(0);
    options.kept_file = folder + "/near.settings";
    std::string error;
    std::vector<std::string> warnings;
    for (int lives = 0; lives < 2; ++lives) {
        kill(KernelInterface::open("near", options, error, warnings));
        EXPECT_TRUE(error.empty()) << error;
        EXPECT_NE(read_settings(control, "near"), before);
        EXPECT_EQ(KeptSettings(options.kept_file).read(), before);
    }
    KernelInterface::open("near", options, error, warnings).reset();
    EXPECT_EQ(read_settings(control, "near"), before);
    EXPECT_FALSE(KeptSettings(options.kept_file).read());
    close(control);
    std::filesystem::remove_all(folder);
}

TEST(InterfaceSettings, TextIsReadBackAndPartsOfItAreNot) {
    const InterfaceSettings settings{7, "02aabbccddee", true, "0", {{0x1f, 1}, {0x26, 0x8000}}};
    const std::string text = to_text(settings);
    EXPECT_EQ(settings_from(text), settings);
    for (std::size_t size = 0; size < text.size() - 1; ++size) {
        EXPECT_FALSE(settings_from(text.substr(0, size))) << size;
    }
    EXPECT_FALSE(settings_from("index 1\nmagic 2\nend\n"));
    EXPECT_FALSE(settings_from("index x\nend\n"));
}

}  // namespace
}  // namespace minerwall::machine

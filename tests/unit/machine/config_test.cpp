#include "machine/config.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace minerwall::machine {
namespace {

const std::string kLeast =
    "wires = ( { name = \"uplink\"; ends = [ \"eth1\", \"eth2\" ]; } );\n"
    "policy = \"policies/default.conf\";\n";

Config sound(const std::string& text) {
    ConfigResult r = parse_config(text, "/etc/minerwall/minerwall.conf");
    for (const settings::Diagnostic& d : r.errors) {
        ADD_FAILURE() << format(d);
    }
    return r.config.value_or(Config{});
}

TEST(Config, NeedsNoMoreThanWiresAndPolicy) {
    const Config c = sound(kLeast);
    ASSERT_EQ(c.wires.size(), 1U);
    EXPECT_EQ(c.wires[0].name, "uplink");
    EXPECT_EQ(c.wires[0].ends[1].device, "eth2");
    EXPECT_EQ(c.wires[0].ends[1].kind, EndKind::kernel);
    EXPECT_EQ(c.workers.count, 1U);
    EXPECT_EQ(c.flows.when_full, WhenFull::forward);
    EXPECT_EQ(c.metrics.listen, "127.0.0.1:9477");
    EXPECT_EQ(c.events.file, "-");
}

TEST(Config, MayEndInACommentWithoutALineBreak) {
    EXPECT_EQ(sound(kLeast + "# the end").wires.size(), 1U);
}

TEST(Config, TakesPathsFromTheDirectoryOfTheFile) {
    const Config c = sound(kLeast + "events = { file = \"eve.json\"; };");
    EXPECT_EQ(c.policy, "/etc/minerwall/policies/default.conf");
    EXPECT_EQ(c.events.file, "/etc/minerwall/eve.json");
    const Config absolute =
        sound("wires = ( { ends = [ \"a\", \"b\" ]; } ); policy = \"/srv/p.conf\";");
    EXPECT_EQ(absolute.policy, "/srv/p.conf");
}

TEST(Config, TellsTheKindsOfEndsApart) {
    const Config c = sound(
        "wires = ( { name = \"a\"; ends = [ \"0000:01:00.0\", \"3B:00.1\" ]; },\n"
        "          { name = \"b\"; ends = [ \"net_tap0,iface=x\", "
        "\"net_pcap0,rx_pcap=/a b.pcap,tx_pcap=/o\" ]; },\n"
        "          { name = \"c\"; ends = [ \"kernel:net_x\", \"eth1.100\" ]; } );\n"
        "policy = \"p\";");
    ASSERT_EQ(c.wires.size(), 3U);
    EXPECT_EQ(c.wires[0].ends[0].kind, EndKind::pci);
    EXPECT_EQ(c.wires[0].ends[1].device, "0000:3b:00.1");
    EXPECT_EQ(c.wires[1].ends[0].kind, EndKind::vdev);
    EXPECT_EQ(c.wires[1].ends[0].name, "net_tap0");
    EXPECT_EQ(c.wires[1].ends[1].device, "net_pcap0,rx_pcap=/a b.pcap,tx_pcap=/o");
    EXPECT_EQ(c.wires[2].ends[0].kind, EndKind::kernel);
    EXPECT_EQ(c.wires[2].ends[0].device, "net_x");
    EXPECT_EQ(c.wires[2].ends[1].device, "eth1.100");
}

TEST(Config, ReadsEveryGroup) {
    const Config c = sound(kLeast + R"(
        workers = { cores = [ 2, 3, 3 ]; main_core = 1; burst = 16; tx_retries = 0; };
        memory = { hugepages = "off"; mb = 1024; mbufs = 8191; mbuf_data_room = 4096; };
        flows = { capacity = 100000; inspections = 5000; when_full = "drop"; udp_timeout_s = 7; };
        events = { file = "none"; types = [ "alert" ]; ring = 1000; };
        metrics = { enabled = false; listen = "[::1]:9999"; };
        log = { level = "debug"; };)");
    EXPECT_EQ(c.workers.count, 3U);
    EXPECT_EQ(c.workers.cores, (std::vector<unsigned>{2, 3, 3}));
    EXPECT_EQ(c.workers.main_core, 1U);
    EXPECT_EQ(c.workers.tx_retries, 0U);
    EXPECT_EQ(c.memory.hugepages, HugepageMode::off);
    EXPECT_EQ(c.memory.mbuf_data_room, 4096U);
    EXPECT_EQ(c.flows.capacity, 131072U) << "rounded up to a power of two";
    EXPECT_EQ(c.flows.when_full, WhenFull::drop);
    EXPECT_EQ(c.flows.udp_timeout_s, 7U);
    EXPECT_EQ(c.events.file, "none");
    EXPECT_EQ(c.events.ring, 1024U);
    EXPECT_FALSE(c.metrics.enabled);
    EXPECT_EQ(c.log_level, LogLevel::debug);
}

struct Bad {
    const char* text;       // after kLeast, which is two lines
    const char* complaint;  // in full
};

class ConfigErrors : public testing::TestWithParam<Bad> {};

TEST_P(ConfigErrors, NameTheLineAndWhatWasExpected) {
    const ConfigResult r = parse_config(kLeast + GetParam().text, "m.conf");
    EXPECT_FALSE(r.config);
    ASSERT_FALSE(r.errors.empty());
    EXPECT_EQ(format(r.errors.front()), GetParam().complaint);
    EXPECT_EQ(r.errors.size(), 1U) << format(r.errors.back());
}

INSTANTIATE_TEST_SUITE_P(
    Table, ConfigErrors,
    testing::Values(
        Bad{"workers = { count = 0; };",
            "m.conf:3:13: error: `workers.count` is 0, expected an integer from 1 to 64"},
        Bad{"\nworkers = { count = -1; };",
            "m.conf:4:13: error: `workers.count` is -1, expected an integer from 1 to 64"},
        Bad{"workers = { count = \"2\"; };",
            "m.conf:3:13: error: `workers.count` is \"2\", expected an integer from 1 to 64"},
        Bad{"workers = { count = 1.5; };",
            "m.conf:3:13: error: `workers.count` is 1.5, expected an integer from 1 to 64"},
        Bad{"flows = { capacity = 4294967297; };",
            "m.conf:3:22: error: integer 4294967297 is out of range, expected at most 2147483647"},
        Bad{"flows = { capacity = 99999999999999999999L; };",
            "m.conf:3:22: error: integer 99999999999999999999L is out of range, expected at most "
            "9223372036854775807"},
        Bad{"flows = { capacity = 0x100000000; };",
            "m.conf:3:22: error: integer 0x100000000 is out of range, expected at most 2147483647"},
        Bad{"workers = { cuont = 2; };",
            "m.conf:3:13: error: unknown key `workers.cuont`, did you mean `workers.count`?"},
        Bad{"worker = { count = 2; };",
            "m.conf:3:1: error: unknown key `worker`, did you mean `workers`?"},
        Bad{"log = { colour = 1; };",
            "m.conf:3:9: error: unknown key `log.colour`, expected one of: level"},
        Bad{"workers = 3;", "m.conf:3:1: error: `workers` is 3, expected a group { ... }"},
        Bad{"workers = { count = 2; cores = [ 1 ]; };",
            "m.conf:3:24: error: `workers.cores` is a list of 1, expected one CPU for each of the "
            "2 "
            "workers"},
        Bad{"workers = { cores = [ -1 ]; count = 1; };",
            "m.conf:3:13: error: `workers.cores` is -1 at place 1, expected an integer from 0 to "
            "1023"},
        Bad{"memory = { hugepages = \"maybe\"; };",
            "m.conf:3:12: error: `memory.hugepages` is \"maybe\", expected one of \"auto\", "
            "\"on\", "
            "\"off\""},
        Bad{"memory = { hugepages = true; };",
            "m.conf:3:12: error: `memory.hugepages` is true, expected one of \"auto\", \"on\", "
            "\"off\""},
        Bad{"memory = {\n mb = 64;\n mbufs = 1000000;\n};",
            "m.conf:4:2: error: `memory.mb` is 64, expected at least 2838 for 1000000 packet "
            "buffers "
            "(memory.mbufs)"},
        Bad{"flows = { capacity = 1024; inspections = 2000; };",
            "m.conf:3:28: error: `flows.inspections` is 2000, expected at most flows.capacity, "
            "1024"},
        Bad{"flows = { udp_timeout_s = 604801; };",
            "m.conf:3:11: error: `flows.udp_timeout_s` is 604801, expected an integer from 1 to "
            "604800 "
            "seconds"},
        Bad{"events = { types = [ \"alert\", \"alarm\" ]; };",
            "m.conf:3:12: error: `events.types` is \"alarm\", expected some of \"alert\", \"dns\", "
            "\"flow\", \"learned\", \"shedding\", \"stats\", \"wire_end\""},
        Bad{"events = { file = \"\"; };",
            "m.conf:3:12: error: `events.file` is empty, expected a path, \"-\" for standard "
            "output "
            "or "
            "\"none\""},
        Bad{"metrics = { listen = \"localhost:9477\"; };",
            "m.conf:3:13: error: `metrics.listen` is \"localhost:9477\", expected ADDRESS:PORT, as "
            "in "
            "\"127.0.0.1:9477\" or \"[::1]:9477\""},
        Bad{"metrics = { enabled = 1; };",
            "m.conf:3:13: error: `metrics.enabled` is 1, expected true or false"},
        Bad{"policy = \"again\";", "m.conf:3: error: duplicate setting name"},
        Bad{"workers = { count = ", "m.conf:3: error: syntax error"},
        Bad{"log = { level = \"info };", "m.conf:3: error: syntax error"},
        Bad{"  @include \"/etc/passwd\"",
            "m.conf:3:3: error: @include is not allowed here, expected one file"}));

TEST(ConfigWires, ErrorsAreReportedAllAtOnceInTheOrderOfTheFile) {
    const ConfigResult r = parse_config(
        "wires = (\n"
        " { name = \"a b\"; ends = [ \"eth1\", \"eth2\" ]; },\n"
        " { name = \"x\"; ends = [ \"eth1\" ]; },\n"
        " { name = \"x\"; ends = [ \"eth3\", \"/dev/null\" ]; typo = 1; }\n"
        ");\n"
        "flows = { capacity = 1; };\n",
        "m.conf");
    std::vector<std::string> got;
    for (const settings::Diagnostic& d : r.errors) {
        got.push_back(format(d));
    }
    const std::vector<std::string> expected = {
        "m.conf: error: `policy` is missing or empty, expected the path of a policy file",
        "m.conf:2:4: error: `wires.name` is \"a b\", expected 1 to 31 letters, digits, '_', '.' or "
        "'-'",
        "m.conf:3:16: error: `wires.ends` is 1 usable of them, expected two ends [ \"...\", "
        "\"...\" ]",
        "m.conf:3:16: error: `wires.ends` is \"eth1\" a second time, expected a device of its own "
        "for "
        "each end",
        "m.conf:4:4: error: `wires.name` is \"x\" a second time, expected a name of its own for "
        "each "
        "wire",
        "m.conf:4:16: error: `wires.ends` is \"/dev/null\", expected a PCI address "
        "(\"0000:01:00.0\"), "
        "a DPDK device (\"net_tap0,...\") or a network interface (\"eth1\")",
        "m.conf:4:48: error: unknown key `wires.typo`, expected one of: name, ends",
        "m.conf:6:11: error: `flows.capacity` is 1, expected an integer from 1024 to 67108864 "
        "flows",
    };
    EXPECT_EQ(got, expected);
}

TEST(ConfigWires, WhatIsNoEndIsRefusedWhateverItsLength) {
    const auto refused = [](const std::string& end) {
        const ConfigResult r = parse_config(
            "policy = \"p\"; wires = ( { ends = [ \"" + end + "\", \"b\" ]; } );", "m");
        return !r.config && r.errors.size() == 1 && format(r.errors[0]).size() < 500;
    };
    for (const std::string& end :
         {std::string(), std::string("eth 1"), std::string("."), std::string(".."),
          std::string("../eth1"), std::string("sixteen-letters-"), std::string("kernel:"),
          std::string("0000:01:00.8"), std::string("0000:01:0g.0"), std::string("0:01:00.0"),
          std::string("net_"), std::string("net_tap0,\x07"), std::string("net_a/b"),
          "net_tap0," + std::string(900'000, 'x'), std::string(900'000, 'x')}) {
        EXPECT_TRUE(refused(end)) << end.substr(0, 50);
    }
}

TEST(ConfigWires, AreRequiredAndBounded) {
    EXPECT_EQ(
        format(parse_config("policy = \"p\";", "m").errors.at(0)),
        "m: error: `wires` is missing, expected wires = ( { name = \"...\"; ends = [ \"...\", "
        "\"...\" ]; } );");
    EXPECT_EQ(format(parse_config("policy = \"p\"; wires = ();", "m").errors.at(0)),
              "m:1:15: error: `wires` is a list of 0, expected 1 to 16 wires");
    EXPECT_EQ(
        format(parse_config("policy = \"p\"; wires = [ 1 ];", "m").errors.at(0)),
        "m:1:15: error: `wires` is a list, expected a list in round brackets ( { ... }, ... )");
}

}  // namespace
}  // namespace minerwall::machine

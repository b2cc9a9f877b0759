// Hostile and broken files, and the agreement of files, documents and keys.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "machine/config.hpp"

namespace minerwall::machine {
namespace {

std::string source_root() {
    const char* const root = std::getenv("SOURCE_ROOT");
    return root == nullptr ? "" : root;
}

std::string read_all(const std::string& path) {
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

TEST(ConfigText, NamesThatLookLikeWhatIsForbiddenAreNot) {
    const ConfigResult r = parse_config(
        "# @include \"x\" 99999999999\n// 99999999999\n/* 99999999999\n@include\n*/\n"
        "wires = ( { name = \"w99999999999\"; ends = [ \"e1\", \"e\\\"2\" ]; } );\n"
        "policy = \"\n@include \\\"x\\\" 99999999999\";",
        "m");
    ASSERT_EQ(r.errors.size(), 1U);  // only for the quote in the interface's name
    EXPECT_EQ(r.errors[0].line, 6U) << r.errors[0].message;
}

TEST(ConfigText, EveryCutOfASoundFileIsAnErrorOrSound) {
    const std::string text = read_all(source_root() + "/drivers-config/minerwall.conf.example");
    if (text.empty()) {
        GTEST_SKIP() << "SOURCE_ROOT is not set";
    }
    for (std::size_t size = 0; size < text.size(); ++size) {
        const ConfigResult r = parse_config(text.substr(0, size), "cut");
        EXPECT_NE(r.config.has_value(), !r.errors.empty()) << "cut at " << size;
    }
}

TEST(ConfigText, HostileTextIsAnErrorAndNothingWorse) {
    std::string nul = "policy = \"a\";";
    nul[3] = '\0';
    std::string deep(200'000, '(');
    for (const std::string& text :
         {nul, "a = " + deep, std::string("\"\\"), std::string("/*"), std::string("\""),
          std::string("\xff\xfe"), std::string("a = 1L"), std::string(1 << 20, '9')}) {
        const ConfigResult r = parse_config(text, "m");
        EXPECT_FALSE(r.config);
        EXPECT_FALSE(r.errors.empty());
    }
}

TEST(ConfigText, OnlyRegularFilesOfModestSizeAreRead) {
    EXPECT_EQ(
        format(load_config("/nonexistent/m.conf").errors.at(0)),
        "/nonexistent/m.conf: error: cannot open `/nonexistent/m.conf`: No such file or directory");
    EXPECT_EQ(load_config("/dev/zero").errors.at(0).message, "`/dev/zero` is not a regular file");
    EXPECT_EQ(load_config("/").errors.at(0).message, "`/` is not a regular file");

    char path[] = "/tmp/minerwall-config-XXXXXX";
    const int fd = mkstemp(path);
    ASSERT_GE(fd, 0);
    ASSERT_EQ(ftruncate(fd, 1 << 30), 0);
    EXPECT_EQ(load_config(path).errors.at(0).message,
              "`" + std::string(path) + "` is larger than 1 MiB");
    close(fd);
    unlink(path);
}

TEST(ConfigText, TheExampleIsSoundAsItStands) {
    const std::string path = source_root() + "/drivers-config/minerwall.conf.example";
    if (source_root().empty()) {
        GTEST_SKIP() << "SOURCE_ROOT is not set";
    }
    const ConfigResult r = load_config(path);
    for (const settings::Diagnostic& d : r.errors) {
        ADD_FAILURE() << format(d);
    }
}

// The commented lines of the example hold the defaults, so uncommenting them all changes nothing.
TEST(ConfigText, TheExampleShowsEveryDefault) {
    if (source_root().empty()) {
        GTEST_SKIP() << "SOURCE_ROOT is not set";
    }
    std::istringstream in(read_all(source_root() + "/drivers-config/minerwall.conf.example"));
    std::string text;
    for (std::string line; std::getline(in, line);) {
        const std::size_t mark = line.find_first_not_of(' ');
        // "#key = value;" is a setting, "# words" is prose
        const bool setting = mark != std::string::npos && line[mark] == '#' &&
                             mark + 1 < line.size() && line[mark + 1] != ' ';
        text += (setting ? line.erase(mark, 1) : line) + "\n";
    }
    const ConfigResult all = parse_config(text, "example");
    ASSERT_TRUE(all.config) << format(all.errors.at(0)) << text;
    const Config defaults;
    const Config& c = *all.config;
    EXPECT_EQ(c.workers.count, defaults.workers.count);
    EXPECT_EQ(c.workers.burst, defaults.workers.burst);
    EXPECT_EQ(c.workers.tx_retries, defaults.workers.tx_retries);
    EXPECT_EQ(c.workers.rx_descriptors, defaults.workers.rx_descriptors);
    EXPECT_EQ(c.workers.tx_descriptors, defaults.workers.tx_descriptors);
    EXPECT_EQ(c.memory.hugepages, defaults.memory.hugepages);
    EXPECT_EQ(c.memory.mb, defaults.memory.mb);
    EXPECT_EQ(c.memory.mbufs, defaults.memory.mbufs);
    EXPECT_EQ(c.memory.mbuf_data_room, defaults.memory.mbuf_data_room);
    EXPECT_EQ(c.flows.capacity, defaults.flows.capacity);
    EXPECT_EQ(c.flows.inspections, defaults.flows.inspections);
    EXPECT_EQ(c.flows.when_full, defaults.flows.when_full);
    EXPECT_EQ(c.flows.tcp_new_timeout_s, defaults.flows.tcp_new_timeout_s);
    EXPECT_EQ(c.flows.tcp_timeout_s, defaults.flows.tcp_timeout_s);
    EXPECT_EQ(c.flows.tcp_closed_timeout_s, defaults.flows.tcp_closed_timeout_s);
    EXPECT_EQ(c.flows.udp_new_timeout_s, defaults.flows.udp_new_timeout_s);
    EXPECT_EQ(c.flows.udp_timeout_s, defaults.flows.udp_timeout_s);
    EXPECT_EQ(c.flows.other_timeout_s, defaults.flows.other_timeout_s);
    EXPECT_EQ(c.events.file, defaults.events.file);
    EXPECT_EQ(c.events.types, defaults.events.types);
    EXPECT_EQ(c.events.ring, defaults.events.ring);
    EXPECT_EQ(c.metrics.enabled, defaults.metrics.enabled);
    EXPECT_EQ(c.metrics.listen, defaults.metrics.listen);
    EXPECT_EQ(c.log_level, defaults.log_level);
}

TEST(ConfigText, ExampleAndDocumentNameEveryKey) {
    if (source_root().empty()) {
        GTEST_SKIP() << "SOURCE_ROOT is not set";
    }
    const std::string example = read_all(source_root() + "/drivers-config/minerwall.conf.example");
    const std::string document = read_all(source_root() + "/docs/configuration.md");
    for (const std::string_view key : config_keys()) {
        const std::string last(key.substr(key.rfind('.') + 1));
        EXPECT_NE(example.find(last + " = "), std::string::npos) << key;
        EXPECT_NE(document.find("`" + std::string(key) + "`"), std::string::npos) << key;
    }
}

}  // namespace
}  // namespace minerwall::machine

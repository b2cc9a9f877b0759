#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "output/drain.hpp"
#include "output/eve/log.hpp"
#include "samples.hpp"

namespace minerwall::output {
namespace {

using nlohmann::json;

class EveLogTest : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string name = ::testing::TempDir() + "minerwall-eve-XXXXXX";
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string path(const char* name) const { return folder_ / name; }
    SinkOptions file() const {
        SinkOptions o;
        o.path = path("log");
        return o;
    }
    std::vector<json> lines(const char* name = "log") const {
        std::vector<json> out;
        std::ifstream in(path(name));
        for (std::string line; std::getline(in, line);) {
            out.push_back(json::parse(line));
        }
        return out;
    }

    std::filesystem::path folder_;
};

TEST_F(EveLogTest, WritesALineForEachEventAtTheSystemsTime) {
    EveLog log({}, file());
    ASSERT_EQ(log.open(), "");
    log.consume(samples::clean_flow(), 0);
    log.consume(samples::clean_flow(), 1'000'000'000);
    EXPECT_TRUE(log.flush());
    EXPECT_EQ(log.counts().written, 2u);
    EXPECT_EQ(lines()[0]["timestamp"], "2026-01-02T03:04:05.123456+0000");
    EXPECT_EQ(lines()[1]["timestamp"], "2026-01-02T03:04:06.123456+0000");
}

TEST_F(EveLogTest, FollowsARenameAndLosesNoLine) {
    EveLog log({}, file());
    ASSERT_EQ(log.open(), "");
    log.consume(samples::clean_flow(), 0);
    std::filesystem::rename(path("log"), path("log.1"));
    Consumer& consumer = log;
    ASSERT_EQ(consumer.reopen(), "");
    log.consume(samples::payload_alert(), 0);
    consumer.close();
    EXPECT_EQ(lines("log.1").at(0)["event_type"], "flow");
    EXPECT_EQ(lines("log").at(0)["event_type"], "alert");
    EXPECT_EQ(consumer.counts().lost, 0u);
}

TEST_F(EveLogTest, AStatsLineHasTheLossesOfEveryConsumer) {
    EveLog log({}, file());
    EveLog other({}, {.path = path("other")});
    log.consume(samples::clean_flow(), 0);  // not open yet: lost
    other.consume(samples::clean_flow(), 0);
    other.consume(samples::clean_flow(), 0);
    ASSERT_EQ(log.open(), "");
    ASSERT_EQ(other.open(), "");
    const auto counters = std::make_unique<WorkerCounters>();
    const WorkerCounters* const workers[] = {counters.get()};
    Drain drain({}, {&log, &other});
    drain.write_stats({.workers = workers, .port_names = {}, .time = samples::kTime});
    log.close();
    other.close();
    EXPECT_EQ(drain.counts().lost, 3u);
    for (const char* name : {"log", "other"}) {
        EXPECT_EQ(lines(name).at(0)["event_type"], "stats");
        EXPECT_EQ(lines(name).at(0)["stats"]["events"]["lines_lost"], 3);
    }
}

}  // namespace
}  // namespace minerwall::output

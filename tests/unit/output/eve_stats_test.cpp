#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "output/eve/end_change.hpp"
#include "output/eve/stats.hpp"

namespace minerwall::output {
namespace {

using nlohmann::json;

TEST(EveStats, LineHasTheSumsOfAllWorkers) {
    const auto a = std::make_unique<WorkerCounters>(), b = std::make_unique<WorkerCounters>();
    PortCounters& port = a->port[0];
    port.received_packets.add(100);
    port.received_bytes.add(10'000);
    port.sent_packets.add(89);
    port.handed_out.add(5);
    port.dropped_packets[static_cast<unsigned>(Reason::policy_reset)].add(6);
    b->port[0].handed_in.add(5);
    b->port[0].sent_packets.add(5);
    port.observed_drops[static_cast<unsigned>(Reason::stream_conflict)].add(2);
    a->detections_by_dialect[static_cast<unsigned>(Dialect::ethproxy)].add(3);
    a->flows_active.set(7);
    b->flows_active.set(8);
    const WorkerCounters* workers[] = {a.get(), b.get()};
    const std::string names[] = {"inside0", ""};

    const json e = json::parse(stats_line(
        {.workers = workers, .port_names = names, .uptime = 60, .policy_version = 3, .lost = 4}));
    EXPECT_EQ(e["event_type"], "stats");
    EXPECT_EQ(e["timestamp"], "1970-01-01T00:00:00.000000+0000");
    EXPECT_EQ(e["stats"]["ledger"]["received"], 100);
    EXPECT_EQ(e["stats"]["ledger"]["dropped"]["policy_reset"], 6);
    EXPECT_EQ(e["stats"]["ledger"]["balanced"], true);
    EXPECT_EQ(e["stats"]["ledger"]["ports"][0]["received_bytes"], 10'000);
    EXPECT_EQ(e["stats"]["ledger"]["observed"]["stream_conflict"], 2);
    EXPECT_EQ(e["stats"]["ledger"]["ports"][0]["observed"]["stream_conflict"], 2);
    EXPECT_FALSE(e["stats"]["ledger"]["observed"].contains("tx_full")) << "lost anyway";
    EXPECT_FALSE(e["stats"].contains("device")) << "a replay has none";
    EXPECT_EQ(e["stats"]["flows"]["active"], 15);
    EXPECT_EQ(e["stats"]["detections"]["ethproxy"], 3);
    EXPECT_EQ(e["stats"]["events"]["lines_lost"], 4);
}

TEST(EveStats, WhatDevicesLostStandsBesideTheLedger) {
    const std::string names[] = {"inside0", "outside0"};
    const DeviceLosses devices[] = {{3, 0, 1}, {4, 2, 0}};
    const json e = json::parse(
        stats_line({.workers = {}, .port_names = names, .devices = devices, .lost = 0}));
    const json& device = e["stats"]["device"];
    EXPECT_EQ(device["missed"], 7);
    EXPECT_EQ(device["errors"], 2);
    EXPECT_EQ(device["no_buffer"], 1);
    EXPECT_EQ(device["ports"][1],
              json({{"port", "outside0"}, {"missed", 4}, {"errors", 2}, {"no_buffer", 0}}));
}

TEST(EveEndChange, LineSaysWhatHappenedToAnEnd) {
    const std::string line = end_change_line(
        {1'000'000'000, "inside0", "office", "gone", "up", "the \"interface\" is gone"});
    EXPECT_EQ(line, R"({"timestamp":"1970-01-01T00:00:01.000000+0000","event_type":"wire_end",)"
                    R"("wire_end":{"port":"inside0","wire":"office","state":"gone","was":"up",)"
                    R"("message":"the \"interface\" is gone"}})"
                    "\n");
}

}  // namespace
}  // namespace minerwall::output

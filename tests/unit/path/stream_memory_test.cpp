// The memory for streams is bounded.
#include <gtest/gtest.h>

#include "support/messages.hpp"
#include "tcp_peers.hpp"

namespace minerwall::path {
namespace {

using test::kLogin;

RigOptions little_memory(bool drop) {
    RigOptions options;
    options.worker.streams.memory_kb = 8;
    options.worker.streams.flow_kb = 4;
    options.worker.streams.drop_when_full = drop;
    return options;
}

TEST(StreamMemory, WhenItIsFullSegmentsAreForwardedAndCounted) {
    Rig rig(kResetMining, little_memory(false));
    Peers peers(rig);
    peers.open();
    for (std::size_t i = 0; i < 20; ++i) {
        EXPECT_TRUE(peers.up(2048 + i * 1024, std::string(1024, 'x')));
    }
    EXPECT_LE(rig.counters().stream_memory_used.get(), 4u);
    EXPECT_GE(rig.counters().stream_memory_exhausted.get(), 16u);
    EXPECT_EQ(rig.counters().stream_memory_capacity.get(), 8u);
    // The stream continues, and we continue to read it.
    peers.up(0, std::string(2048, 'y'));
    peers.ack(0);
    EXPECT_FALSE(peers.up(2048 + 20 * 1024, kLogin));
}

TEST(StreamMemory, WhenItIsFullSegmentsAreDroppedWhereThePolicyForItSaysSo) {
    Rig rig(kResetMining, little_memory(true));
    Peers peers(rig);
    peers.open();
    for (std::size_t i = 0; i < 20; ++i) {
        peers.up(2048 + i * 1024, std::string(1024, 'x'));
    }
    EXPECT_GE(rig.dropped(Reason::stream_memory_full), 16u);
    EXPECT_TRUE(peers.up(0, std::string(23, 'y'))) << "the segment that fills a hole has room";
}

TEST(StreamMemory, AMessageThatCannotBeKeptIsReadByItself) {
    Rig rig(kResetMining, little_memory(false));
    Peers peers(rig);
    peers.open();
    peers.up(0, "{\"a\":1");
    peers.ack(0);
    for (std::size_t i = 0; i < 8; ++i) {  // behind a hole of a byte, up to the flow's share
        EXPECT_TRUE(peers.up(8 + i * 1024, std::string(1024, ' ')));
    }
    EXPECT_FALSE(peers.up(8 + 8 * 1024, kLogin));
}

TEST(StreamMemory, AnotherFlowsHolesLeaveRoom) {
    Rig rig(kResetMining, little_memory(true));
    std::deque<Peers> greedy;
    for (std::uint16_t i = 0; i < 4; ++i) {
        greedy.emplace_back(rig);
        greedy.back().client_port = static_cast<std::uint16_t>(41000 + i);
        greedy.back().open();
        for (std::size_t n = 0; n < 8; ++n) {
            greedy.back().up(2048 + n * 1024, std::string(1024, 'x'));
        }
    }
    Peers peers(rig);
    peers.open();
    EXPECT_TRUE(peers.up(0, kLogin.substr(0, 40)));
    EXPECT_FALSE(peers.up(40, kLogin.substr(40)));
    EXPECT_GE(rig.dropped(Reason::policy_reset), 1u);
}

TEST(StreamRecords, GuardsTakeNoneFromFlowsThatAreToBeRead) {
    RigOptions options;
    options.worker.inspection.states = 4;
    Rig rig(kResetMining, options);
    std::deque<Peers> silent;  // servers that never acknowledge a hello
    for (std::uint16_t i = 0; i < 20; ++i) {
        silent.emplace_back(rig);
        silent.back().client_port = static_cast<std::uint16_t>(41000 + i);
        silent.back().open();
        EXPECT_TRUE(silent.back().up(0, test::client_hello("news.example")));
    }
    EXPECT_EQ(rig.counters().inspections_active.get(), 0u);
    EXPECT_EQ(rig.counters().stream_memory_exhausted.get(), 16u);
    Peers peers(rig);
    peers.open();
    EXPECT_FALSE(peers.up(0, kLogin));
    EXPECT_EQ(rig.counters().inspection_exhausted.get(), 0u);
    rig.end_flows();
    EXPECT_EQ(rig.counters().stream_memory_used.get(), 0u);
}

TEST(SuperFrame, OutOfOrderAndCutByTheBuffersIsReadWhole) {
    Rig rig(kResetMining);
    Peers peers(rig);
    peers.open({.scale = 7}, {.scale = 7});
    const std::string junk = "{\"pad\":\"" + std::string(12'000, 'p') + "\"}\n";
    const std::string text = junk + kLogin;
    const Buffer frame = peers.build(0, 1001 + 100, std::string_view(text).substr(100), {});
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, frame, Peers::buffers_of(frame)));
    EXPECT_FALSE(peers.up(0, std::string_view(text).substr(0, 100)));
    EXPECT_EQ(rig.dropped(Reason::policy_reset), 1u);
}

}  // namespace
}  // namespace minerwall::path

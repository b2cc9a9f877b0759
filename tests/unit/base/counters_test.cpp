#include "base/counters.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "base/time.hpp"

namespace minerwall {
namespace {

TEST(Counter, AddsSetsAndWrapsLikeAnInteger) {
    Counter c;
    c.add();
    c.add(41);
    EXPECT_EQ(c.get(), 42U);
    c.set(~std::uint64_t{0});
    c.add(2);
    EXPECT_EQ(c.get(), 1U);
}

TEST(Counter, AReaderOnAnotherThreadNeverSeesItGoBack) {
    constexpr std::uint64_t kTurns = 200'000;
    Counter c;
    std::thread writer([&c] {
        for (std::uint64_t i = 0; i < kTurns; ++i) {
            c.add();
        }
    });
    std::uint64_t last = 0;
    while (last < kTurns) {
        const std::uint64_t now = c.get();
        EXPECT_GE(now, last);
        last = now;
        std::this_thread::yield();
    }
    writer.join();
    EXPECT_EQ(c.get(), kTurns);
}

TEST(WorkerCounters, StartAtZeroAndShareNoCacheLine) {
    const auto workers = std::make_unique<WorkerCounters[]>(2);
    EXPECT_EQ(workers[0].port[kMaxPorts - 1].dropped_packets[kReasonCount - 1].get(), 0U);
    EXPECT_EQ(workers[1].heartbeat.get(), 0U);
    EXPECT_EQ(sizeof(WorkerCounters) % 64, 0U);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(workers.get()) % 64, 0U);
}

TEST(Time, UnitsAreNanoseconds) {
    EXPECT_EQ(1000 * kNanosPerMilli, kNanosPerSecond);
}

}  // namespace
}  // namespace minerwall

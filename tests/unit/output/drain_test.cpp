// From the rings to the consumers, in the caller's thread and in one of its own.
#include "output/drain.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "output/writer_thread.hpp"
#include "samples.hpp"

namespace minerwall::output {
namespace {

class Notes : public Consumer {
  public:
    void consume(const event::Record& record, std::int64_t clock_offset) override {
        ids.push_back(record.flow_id);
        offset = clock_offset;
        ++waiting;
    }
    bool flush() noexcept override {
        waiting = 0;
        return true;
    }
    std::vector<std::uint64_t> ids;
    std::int64_t offset = 0;
    unsigned waiting = 0;
};

bool put(event::Ring& ring, std::uint64_t id) {
    event::Record* slot = ring.claim();
    if (slot == nullptr) {
        return false;
    }
    *slot = samples::clean_flow();
    slot->flow_id = id;
    ring.publish();
    return true;
}

using Ids = std::vector<std::uint64_t>;

TEST(Drain, GivesEveryRecordToEveryConsumerInTheOrderOfItsRing) {
    event::Ring a(8), b(8);
    Notes one, two;
    Drain drain({&a, &b}, {&one, &two});
    for (std::uint64_t i = 0; i < 3; ++i) {
        ASSERT_TRUE(put(a, i));
        ASSERT_TRUE(put(b, 10 + i));
    }
    EXPECT_EQ(drain.once(2), 4u);
    EXPECT_EQ(one.ids, (Ids{0, 1, 10, 11})) << "a full ring does not delay the other rings";
    drain.all();
    EXPECT_EQ(one.ids, (Ids{0, 1, 10, 11, 2, 12}));
    EXPECT_EQ(two.ids, one.ids);
    EXPECT_EQ(drain.once(), 0u);
}

TEST(Drain, ReleasesTheSlotsOfARingThatWasFull) {
    event::Ring ring(8);
    Notes notes;
    Drain drain({&ring}, {&notes});
    for (std::uint64_t i = 0; i < 20; ++i) {
        if (!put(ring, i)) {
            EXPECT_EQ(drain.once(), 8u);
            ASSERT_TRUE(put(ring, i));
        }
    }
    drain.all();
    EXPECT_EQ(notes.ids.size(), 20u);
}

TEST(Drain, HandsTheClocksOffsetToTheConsumersAndFlushesWhenAsked) {
    event::Ring ring(8);
    Notes notes;
    Drain drain({&ring}, {&notes});
    drain.set_clock_offset(-5);
    ASSERT_TRUE(put(ring, 1));
    drain.all();
    EXPECT_EQ(notes.offset, -5);
    EXPECT_EQ(notes.waiting, 1u);
    drain.flush();
    EXPECT_EQ(notes.waiting, 0u);
}

TEST(WriterThread, DrainsAllRingsAndFlushesBeforeItStops) {
    event::Ring a(256), b(256);
    Notes one, two;
    WriterThread writer({&a, &b}, {&one, &two});
    ASSERT_EQ(writer.start(), "");
    std::uint64_t lost = 0;
    for (std::uint64_t i = 0; i < 3000; ++i) {
        lost += put(i % 2 == 0 ? a : b, i) ? 0 : 1;
    }
    EXPECT_TRUE(writer.stop(std::chrono::seconds(10)));
    EXPECT_EQ(one.ids.size() + lost, 3000u);
    EXPECT_EQ(two.ids, one.ids);
    EXPECT_EQ(one.waiting, 0u);
}

// A disk that does not answer until it is told to.
struct StuckDisk final : Consumer {
    void consume(const event::Record&, std::int64_t) override {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return free; });
    }
    void write_stats(const Stats& stats) override { uptimes.push_back(stats.uptime); }
    void let_go() {
        const std::lock_guard lock(mutex);
        free = true;
        changed.notify_all();
    }
    std::mutex mutex;
    std::condition_variable changed;
    bool free = false;
    std::vector<std::uint64_t> uptimes;
};

TEST(WriterThread, AStuckDiskKeepsNobodyElseWaiting) {
    event::Ring ring(256);
    StuckDisk disk;
    WriterThread writer({&ring}, {&disk});
    ASSERT_EQ(writer.start(), "");
    put(ring, 1);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const auto begin = std::chrono::steady_clock::now();
    for (std::uint64_t n = 0; n < WriterThread::kMostJobs + 3; ++n) {
        writer.post([n](Drain& drain) { drain.write_stats({.uptime = n}); });
    }
    EXPECT_EQ(writer.counts().lost, 3U);
    EXPECT_FALSE(writer.stop(std::chrono::milliseconds(20),
                             [](Drain& drain) { drain.write_stats({.uptime = 999}); }));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
    disk.let_go();
    EXPECT_TRUE(writer.stop(std::chrono::seconds(10))) << "it goes on once it can";
    ASSERT_EQ(disk.uptimes.size(), WriterThread::kMostJobs + 1);
    EXPECT_EQ(disk.uptimes.front(), 0U);
    EXPECT_EQ(disk.uptimes.back(), 999U);
}

}  // namespace
}  // namespace minerwall::output

// From the rings to the consumers, in the caller's thread and in one of its own.
#include "output/drain.hpp"

#include <gtest/gtest.h>

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
    writer.stop();
    EXPECT_EQ(one.ids.size() + lost, 3000u);
    EXPECT_EQ(two.ids, one.ids);
    EXPECT_EQ(one.waiting, 0u);
}

}  // namespace
}  // namespace minerwall::output

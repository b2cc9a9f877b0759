// Takes records from the workers' rings and gives each of them to every consumer. The daemon drains
// in a thread (writer_thread.hpp), a replay between two bursts.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "event/ring.hpp"
#include "output/consumer.hpp"

namespace minerwall::output {

// One caller at a time: it is the rings' reader.
class Drain {
  public:
    // Rings and consumers must outlive this.
    Drain(std::vector<event::Ring*> rings, std::vector<Consumer*> consumers);

    // Takes at most `burst` records of each ring in turn. Returns their number; 0: all were empty.
    // Throws what a consumer throws.
    std::size_t once(std::size_t burst = 64);
    // Drains until every ring is empty. Ends only if the workers pause or stop.
    void all();
    // Flushes every consumer.
    void flush() noexcept;

    // The functions below: any thread.

    // Gives the counters to every consumer; `lost` is filled in here.
    void write_stats(Stats stats) const;
    void write_end_change(const EndChange& change) const;
    Counts counts() const noexcept;  // of all consumers together

    // Nanoseconds to add to each record's time from now on.
    void set_clock_offset(std::int64_t nanos) noexcept {
        clock_offset_.store(nanos, std::memory_order_relaxed);
    }

  private:
    const std::vector<event::Ring*> rings_;
    const std::vector<Consumer*> consumers_;
    std::atomic<std::int64_t> clock_offset_{0};
};

}  // namespace minerwall::output

// Drains the workers' event rings into a sink: the daemon uses a thread, a replay calls it between
// two bursts.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "event/ring.hpp"
#include "output/eve/formatter.hpp"
#include "output/sink.hpp"

namespace minerwall::output {

// One caller at a time: it is the rings' consumer.
class Drain {
  public:
    // Rings and sink must outlive this.
    Drain(std::vector<event::Ring*> rings, EveOptions options, Sink& sink);

    // Takes at most `burst` records of each ring in turn. Returns their number; 0: all were empty.
    std::size_t once(std::size_t burst = 64) noexcept;
    // Drains until every ring is empty, then flushes. Ends only if the producers pause or stop.
    void all() noexcept;

    // Any thread. Nanoseconds to add to each record's time from now on.
    void set_clock_offset(std::int64_t nanos) noexcept {
        clock_offset_.store(nanos, std::memory_order_relaxed);
    }

  private:
    std::vector<event::Ring*> rings_;
    EveFormatter writer_;
    Sink& sink_;
    std::atomic<std::int64_t> clock_offset_{0};
};

class WriterThread {
  public:
    WriterThread(std::vector<event::Ring*> rings, EveOptions options, Sink& sink);
    ~WriterThread();  // stop()

    // Control plane. start() returns an empty text, or one line that says why it failed.
    std::string start();
    // Drains the rings, flushes and joins. Call it after the workers have stopped.
    void stop() noexcept;

    void set_clock_offset(std::int64_t nanos) noexcept { drain_.set_clock_offset(nanos); }

  private:
    void run() noexcept;

    Drain drain_;
    Sink& sink_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace minerwall::output

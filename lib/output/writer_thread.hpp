// The daemon's writer: a thread that drains the workers' rings into the consumers.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "output/drain.hpp"

namespace minerwall::output {

class WriterThread {
  public:
    // Rings and consumers must outlive this.
    WriterThread(std::vector<event::Ring*> rings, std::vector<Consumer*> consumers);
    ~WriterThread();  // stop()

    // Control plane. start() returns an empty text, or one line that says why it failed.
    std::string start();
    // Drains the rings, flushes the consumers and joins. Call it after the workers have stopped.
    void stop() noexcept;

    // As those of Drain; any thread.
    void write_stats(const Stats& stats) const { drain_.write_stats(stats); }
    Counts counts() const noexcept { return drain_.counts(); }
    void set_clock_offset(std::int64_t nanos) noexcept { drain_.set_clock_offset(nanos); }

  private:
    void run() noexcept;

    Drain drain_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace minerwall::output

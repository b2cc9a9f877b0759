// The consumers of events, and the thread that brings events to them.
//
// Main thread; any thread may call counts().
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "event/ring.hpp"
#include "machine/config.hpp"
#include "minerwalld/log.hpp"
#include "output/consumer.hpp"
#include "output/writer_thread.hpp"

namespace minerwall::daemon {

// The configuration asks for events of this type.
bool wants(const machine::Config& config, std::string_view type);

class EventOutput {
  public:
    // `config` outlives this object.
    explicit EventOutput(const machine::Config& config) : config_(config) {}

    // Opens the consumers that the configuration asks for, and drains `rings` into them. False,
    // with a line in the log, if that fails. `rings` outlive this object.
    bool start(std::vector<event::Ring*> rings, std::vector<std::string> port_names,
               const Log& log);
    // Drains the rings, writes the record of all counters and closes the consumers. Call it after
    // the workers have stopped. False if a consumer is stuck: the thread goes on, so this object
    // and the rings must stay, and the process must leave by std::_Exit().
    bool finish(const output::Stats& stats);

    // What follows only tells the thread: it never waits for a disk or a reader.

    void set_clock_offset(std::int64_t nanos);
    void reopen(const Log& log);  // after logrotate moved the file; the log outlives this object
    // Writes a record of all counters, if the configuration asks for such events.
    void write_stats(const output::Stats& stats);
    // Says what happened to an end of a wire, if the configuration asks for such events.
    void write_end_change(output::EndChange change);

    // Some thread takes events out of the rings.
    bool drains() const { return writer_ != nullptr; }
    output::Counts counts() const;  // of all consumers together

  private:
    output::WriterThread::Job stats_job(const output::Stats& stats) const;
    std::string open_eve_log(std::vector<std::string> port_names);

    const machine::Config& config_;
    std::vector<std::unique_ptr<output::Consumer>> consumers_;
    std::unique_ptr<output::WriterThread> writer_;  // null if no consumer is configured
};

}  // namespace minerwall::daemon

// What takes events: the one interface between the workers' rings and a format. A format is a
// folder of this module with a consumer of its own; consumers know nothing of each other.
//
// Virtual calls are allowed here, because no worker makes them.
#pragma once

#include <cstdint>
#include <string>

#include "event/record.hpp"
#include "output/end_change.hpp"
#include "output/stats.hpp"

namespace minerwall::output {

// Since the consumer was made, in the units of its format (EVE: lines).
struct Counts {
    std::uint64_t written = 0;
    std::uint64_t lost = 0;    // taken, and never written
    std::uint64_t errors = 0;  // attempts to write that failed

    Counts& operator+=(const Counts& other) noexcept {
        written += other.written;
        lost += other.lost;
        errors += other.errors;
        return *this;
    }
};

class Consumer {
  public:
    virtual ~Consumer() = default;

    // One thread at a time. Takes one event; the record is valid only during the call.
    // `clock_offset` (nanoseconds, may be negative) belongs to every time of the record: the drift
    // between the worker's clock and the system's. A consumer that cannot write waits within a
    // bound, then counts the event as lost. It may throw std::bad_alloc, and what a failed standard
    // output throws.
    virtual void consume(const event::Record& record, std::int64_t clock_offset) = 0;

    // The functions below: any thread, also during consume(). A consumer that writes at once needs
    // none of its own.

    // Takes the counters, once a minute and at the end. A format without such events ignores them.
    // It may throw what consume() throws.
    virtual void write_stats(const Stats&) {}
    // Takes what happened to an end of a wire, as write_stats().
    virtual void write_end_change(const EndChange&) {}
    // Writes what waits. Returns false if something still waits.
    virtual bool flush() noexcept { return true; }
    // After the file was renamed: continues in a new file of the old name. Returns an empty text,
    // or one line that says what failed; then the old file stays in use.
    virtual std::string reopen() { return {}; }
    // Flushes, counts what could not be written as lost, closes. No event may follow.
    virtual void close() noexcept {}
    virtual Counts counts() const noexcept { return {}; }
};

}  // namespace minerwall::output

// The EVE log: a consumer that writes each event as a line, and `stats` lines between them.
//
// Thread: as consumer.hpp says; open() may be called from any thread.
#pragma once

#include <cstdint>
#include <string>

#include "output/consumer.hpp"
#include "output/eve/formatter.hpp"
#include "output/sink.hpp"

namespace minerwall::output {

class EveLog final : public Consumer {
  public:
    EveLog(EveOptions options, SinkOptions file);

    // Before the first event. Same result as Sink::open().
    std::string open() { return sink_.open(); }

    void consume(const event::Record& record, std::int64_t clock_offset) override;
    void write_stats(const Stats& stats) override;
    void write_end_change(const EndChange& change) override;
    bool flush() noexcept override { return sink_.flush(); }
    std::string reopen() override { return sink_.reopen(); }
    void close() noexcept override { sink_.close(); }
    Counts counts() const noexcept override { return sink_.counts(); }

  private:
    EveFormatter formatter_;
    Sink sink_;
};

}  // namespace minerwall::output

#include "output/eve/log.hpp"

#include <utility>

#include "output/eve/end_change.hpp"
#include "output/eve/stats.hpp"

namespace minerwall::output {

EveLog::EveLog(EveOptions options, SinkOptions file)
    : formatter_(std::move(options)), sink_(std::move(file)) {}

void EveLog::consume(const event::Record& record, std::int64_t clock_offset) {
    sink_.append(formatter_.line(record, clock_offset));
}

void EveLog::write_stats(const Stats& stats) {
    sink_.append(stats_line(stats));
}

void EveLog::write_end_change(const EndChange& change) {
    sink_.append(end_change_line(change));
}

}  // namespace minerwall::output

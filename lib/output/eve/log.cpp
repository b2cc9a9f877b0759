#include "output/eve/log.hpp"

#include <utility>

namespace minerwall::output {

EveLog::EveLog(EveOptions options, SinkOptions file)
    : formatter_(std::move(options)), sink_(std::move(file)) {}

void EveLog::consume(const event::Record& record, std::int64_t clock_offset) {
    sink_.append(formatter_.line(record, clock_offset));
}

void EveLog::write_stats(event::WorkerSpan workers, std::span<const std::string> port_names,
                         const StatsInput& input) {
    sink_.append(stats_line(workers, port_names, input, sink_.counts().lost));
}

}  // namespace minerwall::output

#include "path/report/shedding.hpp"

#include "path/report/record.hpp"

namespace minerwall::path {

void report_shedding(Context& context) noexcept {
    if (!context.options.events.shedding) {
        return;
    }
    event::Record* record = begin_event(context, event::Kind::shedding);
    if (record == nullptr) {
        return;
    }
    record->rung = context.effort.announced();
    record->worker = static_cast<std::uint8_t>(context.options.worker);
    finish_event(context);
}

}  // namespace minerwall::path

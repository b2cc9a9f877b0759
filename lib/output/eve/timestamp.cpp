#include "output/eve/timestamp.hpp"

#include <string_view>

#include "output/eve/names.hpp"

namespace minerwall::output {

void write_timestamp(JsonText& json, Nanos time) {
    char date[10], clock[21];
    write_date(time / kNanosPerSecond / kSecondsPerDay, date);
    write_clock(time, clock);
    json.put_key("timestamp");
    json.raw('"');
    json.raw(std::string_view(date, sizeof date));
    json.raw(std::string_view(clock, sizeof clock));
    json.raw('"');
}

}  // namespace minerwall::output

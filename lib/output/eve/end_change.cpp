#include "output/eve/end_change.hpp"

#include "output/eve/json_text.hpp"
#include "output/eve/timestamp.hpp"

namespace minerwall::output {

std::string end_change_line(const EndChange& change) {
    JsonText json;
    json.clear();
    json.begin_object();
    write_timestamp(json, change.time);
    json.plain("event_type", "wire_end");
    json.begin_object("wire_end");
    json.text("port", change.port);
    json.text("wire", change.wire);
    json.text("state", change.state);
    json.text("was", change.was);
    json.text("message", change.message);
    json.end_object();
    json.end_object();
    json.raw('\n');
    return std::string(json.view());
}

}  // namespace minerwall::output

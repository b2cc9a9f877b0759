#include <json-c/json.h>

#include "reader.hpp"

namespace minerwall::differential {
namespace {

void take(json_object* value, Values& out) {
    if (value != nullptr) {
        out.emplace_back(json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN));
        json_object_put(value);
    }
}

}  // namespace

void read_json_c(const std::string& text, Values& out) {
    take(json_tokener_parse(text.c_str()), out);
    // Values in sequence, each with its last byte.
    json_tokener* tokener = json_tokener_new_ex(4096);
    for (std::size_t at = 0; at < text.size();) {
        json_object* value =
            json_tokener_parse_ex(tokener, text.data() + at, static_cast<int>(text.size() - at));
        const std::size_t used = json_tokener_get_parse_end(tokener);
        take(value, out);
        if (json_tokener_get_error(tokener) != json_tokener_success || used == 0) {
            break;
        }
        at += used;
    }
    json_tokener_free(tokener);
}

}  // namespace minerwall::differential

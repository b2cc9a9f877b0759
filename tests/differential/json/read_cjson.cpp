#include <cjson/cJSON.h>

#include "reader.hpp"

namespace minerwall::differential {
namespace {

void take(cJSON* value, Values& out) {
    if (value == nullptr) {
        return;
    }
    if (char* text = cJSON_PrintUnformatted(value); text != nullptr) {
        out.emplace_back(text);
        cJSON_free(text);
    }
    cJSON_Delete(value);
}

}  // namespace

void read_cjson(const std::string& text, Values& out) {
    take(cJSON_Parse(text.c_str()), out);
    take(cJSON_ParseWithLength(text.data(), text.size()), out);
    const char* end = nullptr;  // values in sequence
    for (std::size_t at = 0; at < text.size();) {
        cJSON* value =
            cJSON_ParseWithLengthOpts(text.data() + at, text.size() - at, &end, cJSON_bool{0});
        if (value == nullptr || end <= text.data() + at) {
            cJSON_Delete(value);
            break;
        }
        take(value, out);
        at = static_cast<std::size_t>(end - text.data());
    }
}

}  // namespace minerwall::differential

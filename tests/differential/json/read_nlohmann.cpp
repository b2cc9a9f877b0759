#include <nlohmann/json.hpp>

#include "reader.hpp"

namespace minerwall::differential {

void read_nlohmann(const std::string& text, Values& out) {
    using nlohmann::json;
    for (const bool comments : {false, true}) {
        const json value = json::parse(text, nullptr, false, comments);
        if (!value.is_discarded()) {
            out.push_back(value.dump(-1, ' ', true, json::error_handler_t::replace));
        }
    }
}

}  // namespace minerwall::differential

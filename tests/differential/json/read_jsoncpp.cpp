#include <json/json.h>

#include <memory>

#include "reader.hpp"

namespace minerwall::differential {

void read_jsoncpp(const std::string& text, Values& out) {
    Json::StreamWriterBuilder writer;
    writer["indentation"] = "";
    writer["commentStyle"] = "None";
    const auto parse = [&](const Json::CharReaderBuilder& builder) {
        const std::unique_ptr<Json::CharReader> reader(builder.newCharReader());
        Json::Value value;
        std::string error;
        try {
            if (reader->parse(text.data(), text.data() + text.size(), &value, &error)) {
                out.push_back(Json::writeString(writer, value));
            }
        } catch (const Json::Exception&) {
        }
    };
    Json::CharReaderBuilder usual;
    parse(usual);
    Json::CharReaderBuilder all;
    for (const char* feature :
         {"allowComments", "allowTrailingCommas", "allowSingleQuotes", "allowNumericKeys",
          "allowSpecialFloats", "skipBom", "allowDroppedNullPlaceholders"}) {
        all[feature] = true;
    }
    all["stackLimit"] = 5000;
    parse(all);
    Json::Value value;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    Json::Reader old;
    try {
        if (old.parse(text, value)) {
            out.push_back(Json::writeString(writer, value));
        }
    } catch (const Json::Exception&) {
    }
#pragma GCC diagnostic pop
}

}  // namespace minerwall::differential

// What real JSON libraries read: each reader gives the values that it finds in a text, written
// again as strict JSON. Each file read_*.cpp is one library with all the ways to call it that are
// lenient.
#pragma once

#include <string>
#include <vector>

namespace minerwall::differential {

using Values = std::vector<std::string>;

struct Reader {
    const char* name;
    void (*read)(const std::string& text, Values& out);
};

void read_json_c(const std::string& text, Values& out);
void read_jsoncpp(const std::string& text, Values& out);
void read_cjson(const std::string& text, Values& out);
void read_jansson(const std::string& text, Values& out);
void read_rapidjson(const std::string& text, Values& out);
void read_nlohmann(const std::string& text, Values& out);
// Json.NET does not run here: a model of its documented rules.
void read_json_net(const std::string& text, Values& out);

inline constexpr Reader kReaders[] = {
    {"json-c", read_json_c},     {"jsoncpp", read_jsoncpp},     {"cJSON", read_cjson},
    {"jansson", read_jansson},   {"RapidJSON", read_rapidjson}, {"nlohmann", read_nlohmann},
    {"Json.NET", read_json_net},
};

}  // namespace minerwall::differential

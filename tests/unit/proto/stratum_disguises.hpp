// Ways to rewrite a JSON message: a receiver reads the same, but a search for words fails.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace minerwall::proto::samples {

struct Disguise {
    std::string_view name;
    std::string (*apply)(std::string_view json);  // `json` is one object
    bool lines = false;                           // makes several lines: not for an HTTP body
    bool any_case = false;                        // changes the case of member names
};

const std::vector<Disguise>& disguises();

// Every character of every string as \uXXXX.
std::string escaped(std::string_view json);
// Blanks of all kinds around every token.
std::string spaced(std::string_view json);

}  // namespace minerwall::proto::samples

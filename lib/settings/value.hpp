// An operator's text or integer, as written. Control plane.
#pragma once

#include <cstdint>
#include <string>

namespace minerwall::settings {

struct Value {
    unsigned line = 0;  // in the expanded Source; Source::locate() tells file and line
    bool is_number = false;
    std::int64_t number = 0;
    std::string text;  // for a number: its digits
};

}  // namespace minerwall::settings

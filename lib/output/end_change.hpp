// What a `wire_end` event says: what happened to an end of a wire.
//
// Plain data; control plane.
#pragma once

#include <string>

#include "base/time.hpp"

namespace minerwall::output {

struct EndChange {
    Nanos time = 0;
    std::string port, wire;  // names
    std::string state, was;  // words of machine::EndState
    std::string message;
};

}  // namespace minerwall::output

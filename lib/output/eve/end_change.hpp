// The `wire_end` line: what happened to an end of a wire.
//
// Control plane: any thread, allocates.
#pragma once

#include <string>

#include "output/end_change.hpp"

namespace minerwall::output {

// One line with its '\n'.
std::string end_change_line(const EndChange& change);

}  // namespace minerwall::output

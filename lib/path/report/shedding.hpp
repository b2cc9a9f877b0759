// The event that says which rung of the ladder of shedding is in force.
#pragma once

#include "path/context.hpp"

namespace minerwall::path {

void report_shedding(Context& context) noexcept;

}  // namespace minerwall::path

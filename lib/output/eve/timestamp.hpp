// The time of a line that the control plane writes. Allocates; any thread.
#pragma once

#include "base/time.hpp"
#include "output/eve/json_text.hpp"

namespace minerwall::output {

// The member `timestamp`.
void write_timestamp(JsonText& json, Nanos time);

}  // namespace minerwall::output

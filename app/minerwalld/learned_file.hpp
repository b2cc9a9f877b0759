// The list of learned addresses that `minerwall learned` reads.
#pragma once

#include <string>
#include <vector>

#include "flow/learned.hpp"

namespace minerwall {

// Writes the tables of all workers to `path` as JSON. It renames a temporary file beside it, so
// that a reader never sees half of the list. `now` is the workers' clock, `wall` the system's.
// Returns what is wrong, or an empty text. Control plane.
std::string write_learned(const std::string& path,
                          const std::vector<const flow::LearnedTable*>& tables, Nanos now,
                          Nanos wall);

}  // namespace minerwall

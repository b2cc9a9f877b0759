// The list of learned addresses that `minerwall learned` reads.
#pragma once

#include <string>
#include <vector>

#include "flow/learned.hpp"

namespace minerwall {

// Writes what the tables hold, of all workers, to `path`: JSON, by way of a file beside it that is
// renamed, so that a reader never sees half of it. `now` is the workers' clock, `wall` the
// system's. Returns what is wrong, or an empty text. Control plane.
std::string write_learned(const std::string& path,
                          const std::vector<const flow::LearnedTable*>& tables, Nanos now,
                          Nanos wall);

}  // namespace minerwall

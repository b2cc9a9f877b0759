// Reads a policy's settings into a Model. Control plane.
#pragma once

#include "policy/model.hpp"
#include "settings/diagnostic.hpp"
#include "settings/source.hpp"

namespace minerwall::policy {

// Reports every fault that shows without the lists: syntax, unknown keys, types, ranges. Use the
// model only if `diagnostics` has no errors.
Model read_model(const settings::Source& source, settings::Diagnostics& diagnostics);

}  // namespace minerwall::policy

// From libconfig text to a Model. Only the reader knows libconfig, and it passes on no exception of
// it. Control plane.
#pragma once

#include "policy/model.hpp"
#include "settings/diagnostic.hpp"
#include "settings/source.hpp"

namespace minerwall::policy {

// Reports every fault that needs no look at lists: syntax, unknown keys, types, ranges. The model
// may be used only if `diagnostics` has no errors.
Model read_model(const settings::Source& source, settings::Diagnostics& diagnostics);

}  // namespace minerwall::policy

// libconfig text to Model. The only place that sees libconfig; nothing it throws gets out.
// Control plane.
#pragma once

#include "policy/model.hpp"
#include "settings/diagnostic.hpp"
#include "settings/source.hpp"

namespace minerwall::policy {

// Reports every fault that can be told without looking at lists: syntax, unknown keys, types,
// ranges. The model is of use only where `diagnostics` has no errors.
Model read_model(const settings::Source& source, settings::Diagnostics& diagnostics);

}  // namespace minerwall::policy

// Reports faults that the model alone shows: names, references, settings that do not go together.
// Control plane.
#pragma once

#include "policy/model.hpp"
#include "settings/diagnostic.hpp"
#include "settings/source.hpp"

namespace minerwall::policy {

void check(const Model& model, const settings::Source& source, settings::Diagnostics& diagnostics);

// "@name" refers to a list. True with the name in `list`.
bool is_reference(const Value& value, std::string_view& list);

}  // namespace minerwall::policy

// Faults of a policy that show in the model alone: names, references, what belongs together.
// Control plane.
#pragma once

#include "policy/diagnostic.hpp"
#include "policy/model.hpp"
#include "policy/source.hpp"

namespace minerwall::policy {

void check(const Model& model, const Source& source, Diagnostics& diagnostics);

// "@name" refers to a list. True with the name in `list`.
bool is_reference(const Value& value, std::string_view& list);

}  // namespace minerwall::policy

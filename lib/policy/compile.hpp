// Compiles a Model to a Ruleset: builds every list, stores rules and tests in flat arrays, and
// allocates the workers' scratch memory. Control plane.
#pragma once

#include <memory>

#include "policy/model.hpp"
#include "policy/ruleset.hpp"
#include "settings/diagnostic.hpp"
#include "settings/directory.hpp"
#include "settings/source.hpp"

namespace minerwall::policy {

// Null, with diagnostics, if the model or a list is faulty. Throws std::bad_alloc, also when
// Hyperscan fails to allocate.
std::unique_ptr<Ruleset> compile(const Model& model, const settings::Source& source,
                                 const settings::Directory& directory, unsigned workers,
                                 EntryPlaces places, settings::Diagnostics& diagnostics);

}  // namespace minerwall::policy

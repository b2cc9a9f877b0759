// Model to Ruleset: reads and builds every list, lays rules and tests out flat, allocates the
// workers' scratches. Control plane.
#pragma once

#include <memory>
#include <string>

#include "policy/model.hpp"
#include "policy/ruleset.hpp"
#include "settings/diagnostic.hpp"
#include "settings/directory.hpp"
#include "settings/source.hpp"

namespace minerwall::policy {

// Null, with diagnostics, where a list is faulty or the model already was. Throws std::bad_alloc
// and what Hyperscan's allocation failures become.
std::unique_ptr<Ruleset> compile(const Model& model, const settings::Source& source,
                                 const settings::Directory& directory, const std::string& path,
                                 unsigned workers, settings::Diagnostics& diagnostics);

}  // namespace minerwall::policy

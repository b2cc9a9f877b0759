// Model to Ruleset: reads and builds every list, lays rules and tests out flat, allocates the
// workers' scratches. Control plane.
#pragma once

#include <memory>
#include <string>

#include "policy/directory.hpp"
#include "policy/model.hpp"
#include "policy/ruleset.hpp"
#include "policy/source.hpp"
#include "settings/diagnostic.hpp"

namespace minerwall::policy {

// Null, with diagnostics, where a list is faulty or the model already was. Throws std::bad_alloc
// and what Hyperscan's allocation failures become.
std::unique_ptr<Ruleset> compile(const Model& model, const Source& source,
                                 const Directory& directory, const std::string& path,
                                 unsigned workers, settings::Diagnostics& diagnostics);

}  // namespace minerwall::policy

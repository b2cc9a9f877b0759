// From a policy file to a Ruleset that is ready to be published.
//
// Reads, checks, compiles Hyperscan databases, runs their known-answer tests and allocates scratch
// memory for each worker. Control plane only: takes seconds for a million list entries. Never
// throws: every fault, lack of memory included, is a Diagnostic.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "policy/ruleset.hpp"
#include "settings/diagnostic.hpp"

namespace minerwall::policy {

inline constexpr std::size_t kMaxPolicyBytes = 64u << 20;  // one policy with its includes
inline constexpr std::size_t kMaxListBytes = 256u << 20;   // one list file

struct LoadResult {
    std::unique_ptr<Ruleset> ruleset;               // null if there was an error
    std::vector<settings::Diagnostic> diagnostics;  // errors and warnings as they were found

    bool ok() const noexcept { return ruleset != nullptr; }
};

// `workers`: the number of threads that will call Ruleset::decide(), each with its own number.
// Relative paths of list files and includes start at the policy's directory. load() opens no file
// outside that directory, not even through a symbolic link.
LoadResult load(const std::filesystem::path& policy, unsigned workers,
                EntryPlaces places = EntryPlaces::forget) noexcept;

// The same for a text. Diagnostics call it `name`; files are looked up in `base_dir` (empty: any
// file is an error).
LoadResult load_text(const std::string& text, const std::filesystem::path& base_dir,
                     unsigned workers, const std::string& name = "policy") noexcept;

}  // namespace minerwall::policy

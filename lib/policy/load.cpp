#include "policy/load.hpp"

#include <exception>
#include <new>
#include <utility>

#include "policy/check.hpp"
#include "policy/compile.hpp"
#include "policy/reader.hpp"
#include "settings/directory.hpp"
#include "settings/source.hpp"

namespace minerwall::policy {

using settings::Diagnostics;
using settings::Directory;
using settings::read_file;
using settings::Source;

namespace {

std::unique_ptr<Ruleset> build(const std::string& text, const std::string& name,
                               const Directory& directory, unsigned workers, EntryPlaces places,
                               Diagnostics& diagnostics) {
    Source source(kMaxPolicyBytes);
    if (!source.take(text, name, directory, diagnostics)) {
        return nullptr;
    }
    const Model model = read_model(source, diagnostics);
    // Go on after errors and check what could be read, because an operator wants to see all errors
    // at once.
    check(model, source, diagnostics);
    return compile(model, source, directory, workers, places, diagnostics);
}

// Runs `step` and turns an exception into a diagnostic about `name`.
template <typename Step>
LoadResult guarded(const std::string& name, Step step) noexcept {
    LoadResult result;
    try {
        Diagnostics diagnostics;
        try {
            result.ruleset = step(diagnostics);
        } catch (const std::bad_alloc&) {
            diagnostics.error({name, 0}, "not enough memory to load this policy");
        } catch (const std::exception& e) {
            diagnostics.error({name, 0}, std::string("cannot be loaded: ") + e.what());
        }
        if (diagnostics.has_errors()) {
            result.ruleset.reset();
        }
        result.diagnostics = diagnostics.take();
    } catch (...) {
        result.ruleset.reset();  // not even memory for the message
    }
    return result;
}

}  // namespace

LoadResult load(const std::filesystem::path& policy, unsigned workers,
                EntryPlaces places) noexcept {
    return guarded(policy.native(), [&](Diagnostics& diagnostics) -> std::unique_ptr<Ruleset> {
        const std::string name = policy.string();
        const auto text = read_file(policy, kMaxPolicyBytes, {name, 0}, diagnostics);
        if (!text) {
            return nullptr;
        }
        const auto parent = policy.parent_path();
        return build(*text, name, Directory(parent.empty() ? "." : parent), workers, places,
                     diagnostics);
    });
}

LoadResult load_text(const std::string& text, const std::filesystem::path& base_dir,
                     unsigned workers, const std::string& name) noexcept {
    return guarded(name, [&](Diagnostics& diagnostics) {
        return build(text, name, Directory(base_dir), workers, EntryPlaces::forget, diagnostics);
    });
}

}  // namespace minerwall::policy

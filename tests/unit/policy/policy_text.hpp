// Shared by the tests of this folder: makes a policy from its rules, and checks complaints.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "policy/load.hpp"

namespace minerwall::policy {

inline std::string format_all(const LoadResult& result) {
    std::string out;
    for (const settings::Diagnostic& d : result.diagnostics) {
        out += format(d) + '\n';
    }
    return out;
}

// Puts lists on line 2 and rules on line 3; `lists` and `rules` must have no line breaks.
inline std::string policy_text(std::string_view lists, std::string_view rules,
                               std::string_view mode = "enforce") {
    return "version = 1; mode = \"" + std::string(mode) + "\";\nlists: { " + std::string(lists) +
           " };\nrules: ( " + std::string(rules) + " );\n";
}

// Loads for one worker; an error ends the test.
inline std::unique_ptr<Ruleset> must_load(const std::string& text) {
    LoadResult result = load_text(text, {}, 1);
    if (!result.ok()) {
        throw std::runtime_error(format_all(result) + text);
    }
    return std::move(result.ruleset);
}

}  // namespace minerwall::policy

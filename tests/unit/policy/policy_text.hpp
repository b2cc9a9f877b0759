// What the tests of this folder share: a policy from its rules, and a look at the complaints.
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

// Lists on line 2, rules on line 3, whatever they are: `lists` and `rules` without line breaks.
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

// One complaint about a file of the operator's, in the form that editors and CI understand.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace minerwall::machine {

struct Diagnostic {
    std::string file;
    unsigned line = 0;  // 1-based; 0: the file as a whole
    std::string text;
};

// "minerwall.conf:12: error: workers.count is 0, expected an integer from 1 to 64"
std::string to_text(const Diagnostic& diagnostic);

// The candidate that `word` is probably a slip of the finger from; empty when none is near.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace minerwall::machine

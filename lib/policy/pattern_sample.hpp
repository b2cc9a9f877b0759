// Makes a text that a regular expression must match: the known answer for the operator's patterns.
// Control plane.
#pragma once

#include <string>
#include <string_view>

namespace minerwall::policy {

// Understands literals, `.`, escapes of punctuation, \d \w, simple classes, groups, alternatives
// (takes the first) and quantifiers (takes the fewest). Empty for anything else: no known answer is
// better than a wrong one.
std::string pattern_sample(std::string_view expression);

}  // namespace minerwall::policy

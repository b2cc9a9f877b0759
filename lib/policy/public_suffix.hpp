// Suffixes under which anybody can have a name, so that listing one would block strangers.
//
// Not the whole Public Suffix List (publicsuffix.org has 10,000 and changes weekly): single
// labels, the registries' second levels in common use, and dynamic DNS. Control plane.
#pragma once

#include <string>
#include <string_view>

namespace minerwall::policy {

// `name` in lower case. What kind of suffix it is, in words; empty for a name that somebody owns.
std::string public_suffix(std::string_view name);

}  // namespace minerwall::policy

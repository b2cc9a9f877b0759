// Suffixes under which anybody can have a name: to list one would block strangers.
//
// Not the whole Public Suffix List (publicsuffix.org has 10,000 and changes weekly): only single
// labels, common second levels of registries, and dynamic DNS. Control plane.
#pragma once

#include <string>
#include <string_view>

namespace minerwall::policy {

// Describes the kind of suffix that `name` (in lower case) is; empty if one owner has the name.
std::string public_suffix(std::string_view name);

}  // namespace minerwall::policy

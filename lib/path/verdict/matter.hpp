// The only question that inspection asks the policy: may it stop reading?
#pragma once

#include "path/context.hpp"

namespace minerwall::path {

// True if a rule could match a name in this evidence, or if there is more in it than names. The
// worker's thread; stores nothing.
bool has_matter(const Context& context, const flow::Flow& flow,
                const inspect::Evidence& evidence) noexcept;

}  // namespace minerwall::path

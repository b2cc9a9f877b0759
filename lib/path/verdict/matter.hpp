// The only question that inspection asks the policy: may it stop reading?
#pragma once

#include "path/context.hpp"

namespace minerwall::path {

// True if a name in this evidence changes which rule decides, or if there is more than names. The
// worker's thread; stores nothing.
bool has_matter(const Context& context, const flow::Flow& flow,
                const inspect::Evidence& evidence) noexcept;

}  // namespace minerwall::path

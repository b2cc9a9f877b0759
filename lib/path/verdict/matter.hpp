// The one question that inspection asks the policy: whether it may stop reading.
#pragma once

#include "path/context.hpp"

namespace minerwall::path {

// Whether the policy says anything of a name in this evidence, or there is more in it than names.
// The worker's thread; stores nothing.
bool has_matter(const Context& context, const flow::Flow& flow,
                const inspect::Evidence& evidence) noexcept;

}  // namespace minerwall::path

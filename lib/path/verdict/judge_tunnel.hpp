// A tunnel's own ends before the policy. The flow is the inner packet's, and yet who blocks an
// address means that nothing goes there, a tunnel included.
#pragma once

#include "path/context.hpp"
#include "policy/facts.hpp"

namespace minerwall::path {

// Asks the policy once more, with the ends of the outermost tunnel as client and server, and gives
// the decision whose rule stands first in it: `inside`, or the new one. facts: those of the inner
// packet. Without a tunnel: `inside`.
policy::Decision decide_with_tunnel(Context& context, const Burst& burst, unsigned i,
                                    bool sender_is_client, policy::Facts facts,
                                    const policy::Decision& inside) noexcept;

}  // namespace minerwall::path

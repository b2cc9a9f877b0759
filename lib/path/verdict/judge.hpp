// Asks the policy about a flow or a DNS message, and keeps what it said.
#pragma once

#include "path/context.hpp"

namespace minerwall::path {

// The flow has news, a new policy, or was never judged. Sets verdict, rule, epoch; reports.
void judge_flow(Context& context, Burst& burst, unsigned i, flow::Flow& flow) noexcept;

// Whether the policy says anything of a name in this evidence, or there is more in it than names.
bool has_matter(Context& context, const flow::Flow& flow,
                const inspect::Evidence& evidence) noexcept;

// A DNS message by its question. True where a rule decided by the name: `fate` and what goes with
// it are set, and the flow's own verdict does not matter for this packet.
bool judge_dns(Context& context, Burst& burst, unsigned i, flow::Flow& flow) noexcept;

// A packet without a flow (the table is full, a later fragment, a frame cut short): by addresses
// and ports alone, in either role. True where it must not pass.
bool judge_stateless(Context& context, const Burst& burst, unsigned i) noexcept;

}  // namespace minerwall::path

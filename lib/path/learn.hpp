// What packets tell of pools' addresses: into the worker's table of learned ones, and an event.
#pragma once

#include "path/context.hpp"

namespace minerwall::path {

// Packet i is a DNS answer. Its addresses are learned where a name in it is a listed one, or one
// that a pool sent this client to. Not from an answer in a flow in which the client never asked:
// anybody could send it.
void learn_from_answer(Context& context, const Burst& burst, unsigned i,
                       const flow::Flow& flow) noexcept;
// Packet i brought a mining message: the pool that it names, and the one that it sends its miner
// to. A server's word counts on a connection whose client has sent a mining message itself.
void learn_from_mining(Context& context, const Burst& burst, unsigned i, flow::Flow& flow,
                       const MiningInfo& mining) noexcept;

// Whether the flow goes to what was learned for its client: its server's address, or `name`.
bool find_learned(const Context& context, const flow::Flow& flow, std::string_view name,
                  flow::Learned& out) noexcept;

}  // namespace minerwall::path

// What packets tell of pools' addresses: into the worker's table of learned ones, and an event.
#pragma once

#include "path/context.hpp"

namespace minerwall::path {

// Packet i is a DNS message. Of a question it is remembered that it was asked. An answer's
// addresses are learned where it answers the client's own question, and the name that was asked
// for, or one that it leads to, is a listed one, or one that a pool sent this client to. Where the
// client is a resolver that asks an authority, only the name that was asked for counts: such an
// authority speaks for no other.
void learn_from_dns(Context& context, const Burst& burst, unsigned i, flow::Flow& flow) noexcept;
// Packet i brought a mining message: the pool that it names, and the one that it sends its miner
// to. A server's word counts on a connection whose client has sent a mining message itself, and
// what a browser sends is a web page's word (`browser`): it teaches nothing.
void learn_from_mining(Context& context, const Burst& burst, unsigned i, flow::Flow& flow,
                       const MiningInfo& mining, bool browser) noexcept;

// Whether the flow goes to what was learned for its client: its server's address, or `name`.
bool find_learned(const Context& context, const flow::Flow& flow, std::string_view name,
                  flow::Learned& out) noexcept;

}  // namespace minerwall::path

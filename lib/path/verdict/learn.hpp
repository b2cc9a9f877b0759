// Stores pools' addresses that packets tell in the worker's table, with an event.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

// The packet is a DNS message. A question is remembered. An answer's addresses are learned if it
// answers the client's own question, and if the queried name or an alias of it is listed or learned
// for this client. If the client is a resolver that asks an authority, only the queried name
// counts: an authority speaks only for its own names.
void learn_from_dns(Packet packet) noexcept;

// The packet brought a mining message, which may name its pool or send its miner to another one. We
// believe the server only if the client has sent a mining message itself. A message that a browser
// sends (`browser`) comes from a web page, so nothing is learned from it.
void learn_from_mining(Packet packet, const MiningInfo& mining, bool browser) noexcept;

// The last step of both. Adds the flow's client and the time when the entry ends. Refuses special
// addresses and those that the policy allows; counts and reports a new entry.
void store_learned(Packet packet, flow::Learned& entry) noexcept;

}  // namespace minerwall::path

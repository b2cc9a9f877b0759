// What packets tell of pools' addresses: into the worker's table of learned ones, and an event.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

// The packet is a DNS message. Of a question it is remembered that it was asked. An answer's
// addresses are learned where it answers the client's own question, and the name that was asked
// for, or one that it leads to, is a listed one, or one that a pool sent this client to. Where the
// client is a resolver that asks an authority, only the name that was asked for counts: such an
// authority speaks for no other.
void learn_from_dns(Packet packet) noexcept;

// The packet brought a mining message: the pool that it names, and the one that it sends its miner
// to. A server's word counts on a connection whose client has sent a mining message itself, and
// what a browser sends is a web page's word (`browser`): it teaches nothing.
void learn_from_mining(Packet packet, const MiningInfo& mining, bool browser) noexcept;

// The last step of both. Adds the flow's client and the time when the entry ends. Refuses special
// addresses and those that the policy allows; counts, and reports what is new.
void store_learned(Packet packet, flow::Learned& entry) noexcept;

}  // namespace minerwall::path

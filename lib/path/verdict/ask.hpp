// The questions that a worker asks its policy. They store nothing: the same facts get the same
// answer. Of several decisions the one whose rule stands first in the policy holds.
//
// The worker's thread, within a turn.
#pragma once

#include "packet/tunnel.hpp"
#include "path/context.hpp"
#include "policy/facts.hpp"

namespace minerwall::path {

// By the server's name, `name`, or by what stands for one: a client that gives a proxy an address
// means the server there, whatever the connection's own server is. An empty name: by the addresses.
// learned: written where the decision may rest on a learned entry; that entry.
policy::Decision ask_by_name(const Context& context, policy::Facts facts, std::string_view name,
                             std::uint16_t target_port, flow::Learned& learned) noexcept;

// By each name of the packet. name: the one that decided, in `evidence`.
policy::Decision ask_by_names(const Context& context, const policy::Facts& facts,
                              const inspect::Evidence& evidence, std::string_view& name,
                              flow::Learned& learned) noexcept;

// A DNS message: by the name that was asked for, and those that an answer says are the same. Rules
// without a DNS name do not count. name: the one that decided, in `evidence`.
policy::Decision ask_by_dns_names(const Context& context, policy::Facts facts,
                                  const inspect::Evidence& evidence,
                                  std::string_view& name) noexcept;

// Once more, with the ends of the tunnel around the packet. facts: those of the inner packet;
// inside: what was decided for it.
policy::Decision ask_by_tunnel(const Context& context, const packet::TunnelEnds& ends,
                               bool sender_is_client, const policy::Facts& facts,
                               const policy::Decision& inside) noexcept;

// A packet without a flow (the table is full, a later fragment, a frame cut short): by addresses
// and ports alone, in either role. tunnel: its ends; null where there is none.
policy::Decision ask_stateless(const Context& context, const packet::Frame& frame,
                               const packet::TunnelEnds* tunnel) noexcept;

}  // namespace minerwall::path

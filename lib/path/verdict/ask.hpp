// The questions that a worker asks its policy. They store nothing: the same facts get the same
// decision. Of several decisions, the one whose rule stands first in the policy counts.
//
// The worker's thread, within a turn.
#pragma once

#include "packet/tunnel.hpp"
#include "path/context.hpp"
#include "path/may_drop.hpp"
#include "policy/facts.hpp"

namespace minerwall::path {

inline RuleMode mode_of(const policy::Decision& decision) noexcept {
    return decision.observe_only ? RuleMode::observes : RuleMode::enforces;
}

// The facts with `name` as the server's name, and whether the flow goes to a learned entry.
// learned: that entry; written only if there is one.
policy::Facts name_facts(const Context& context, policy::Facts facts, std::string_view name,
                         flow::Learned& learned) noexcept;

// The facts about the server that a name stands for, if the name is the address of another server
// than the connection's own.
class TargetFacts {
  public:
    // Null if the name is no such address. The result lives as long as this object.
    // named: from name_facts(). target_port: the port that the client named, host byte order, or 0.
    const policy::Facts* of(const policy::Facts& named, std::uint16_t target_port) noexcept;

  private:
    IpAddress server_;
    policy::Facts facts_;
};

// Decides by `name`: the server's name, or the target that a client gave a proxy. A client that
// gives a proxy an address means the server there, and not the connection's own server. An empty
// name: decides by the addresses. learned: the entry that the decision rests on; written only if it
// may rest on one.
policy::Decision ask_by_name(const Context& context, const policy::Facts& facts,
                             std::string_view name, std::uint16_t target_port,
                             flow::Learned& learned) noexcept;

// Decides by each name of the packet. name: the one that decided; it points into `evidence`.
policy::Decision ask_by_names(const Context& context, const policy::Facts& facts,
                              const inspect::Evidence& evidence, std::string_view& name,
                              flow::Learned& learned) noexcept;

// Decides about a DNS message, by the queried name and by its aliases in the answer. Rules without
// a DNS name do not count. name: the one that decided; it points into `evidence`.
policy::Decision ask_by_dns_names(const Context& context, policy::Facts facts,
                                  const inspect::Evidence& evidence,
                                  std::string_view& name) noexcept;

// Asks again with the ends of the tunnel around the packet. facts: of the inner packet. inside: the
// decision about the inner packet.
policy::Decision ask_by_tunnel(const Context& context, const packet::TunnelEnds& ends,
                               bool sender_is_client, const policy::Facts& facts,
                               const policy::Decision& inside) noexcept;

// Decides about a packet without a flow (the table is full, a later fragment, a frame cut short).
// It asks by addresses and ports alone, with either end as the client. tunnel: its ends; null if
// there is none. unreadable: what could not be read of the packet.
policy::Decision ask_stateless(const Context& context, const packet::Frame& frame,
                               UnreadableSet unreadable, const packet::TunnelEnds* tunnel) noexcept;

}  // namespace minerwall::path

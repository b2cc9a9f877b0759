// The facts that the policy is asked with, from a flow and its evidence.
//
// The facts point into the flow, the frame and the evidence. The worker's thread.
#pragma once

#include "packet/tunnel.hpp"
#include "path/packet.hpp"
#include "policy/facts.hpp"

namespace minerwall::path {

// What the flow keeps: ends, name, protocol. The facts point into `ends`, which is
// FlowTable::ends() of the flow.
policy::Facts facts_of(const Context& context, const flow::Flow& flow,
                       const flow::Ends& ends) noexcept;

// A packet without a flow: only addresses and ports.
policy::Facts facts_of(const packet::Frame& frame, bool sender_is_client) noexcept;

// The ends of the outermost tunnel around the packet. False if there is none that can be read.
bool read_tunnel_ends(Packet packet, packet::TunnelEnds& out) noexcept;

// The tunnel's facts: client and server are its ends. facts: of the inner packet.
policy::Facts facts_of(const packet::TunnelEnds& ends, bool sender_is_client,
                       policy::Facts facts) noexcept;

}  // namespace minerwall::path

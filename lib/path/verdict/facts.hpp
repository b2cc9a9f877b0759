// From a flow and its evidence to what the policy is asked with.
//
// The facts point into the flow, the frame and the evidence. The worker's thread.
#pragma once

#include "packet/tunnel.hpp"
#include "path/packet.hpp"
#include "policy/facts.hpp"

namespace minerwall::path {

// What is kept of the flow: ends, name, protocol.
// `ends`: FlowTable::ends() of it; the facts point there.
policy::Facts facts_of(const Context& context, const flow::Flow& flow,
                       const flow::Ends& ends) noexcept;

// A packet without a flow: addresses and ports alone.
policy::Facts facts_of(const packet::Frame& frame, bool sender_is_client) noexcept;

// The ends of the outermost tunnel around the packet. False where there is none to be read.
bool read_tunnel_ends(Packet packet, packet::TunnelEnds& out) noexcept;

// facts: of the inner packet. Those of the tunnel around it: client and server are its ends.
policy::Facts facts_of(const packet::TunnelEnds& ends, bool sender_is_client,
                       policy::Facts facts) noexcept;

}  // namespace minerwall::path

// Combines the findings of one packet.
#pragma once

#include "inspect/evidence.hpp"
#include "proto/tls/tls.hpp"

namespace minerwall::inspect {

// Adds a mining message. A second message of the same packet supplies what the first left out:
// `authorize` has the wallet, `subscribe` the agent.
void add(Evidence& out, const MiningInfo& info) noexcept;

// Copies what `known` does not have yet.
void fill_in(MiningInfo& known, const MiningInfo& more) noexcept;

// Notes all of a ClientHello but its name, which is judged as soon as it is complete. `transport`
// as for ja4().
void note_hello(const proto::ClientHelloInfo& hello, char transport, NameSource source,
                Evidence& out) noexcept;

}  // namespace minerwall::inspect

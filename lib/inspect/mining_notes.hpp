// How findings of one packet are put together.
#pragma once

#include "inspect/evidence.hpp"
#include "proto/tls/tls.hpp"

namespace minerwall::inspect {

// Adds a mining message. A second one of the same packet tells what the first did not: the wallet
// comes in `authorize`, the agent in `subscribe`.
void add(Evidence& out, const MiningInfo& info) noexcept;

// Takes over what is not known yet.
void fill_in(MiningInfo& known, const MiningInfo& more) noexcept;

// All that a ClientHello tells but its name, which is judged as soon as it is there. `transport` as
// for ja4().
void note_hello(const proto::ClientHelloInfo& hello, char transport, NameSource source,
                Evidence& out) noexcept;

}  // namespace minerwall::inspect

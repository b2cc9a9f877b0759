// Turns one DNS message, of UDP or TCP, into evidence.
#pragma once

#include "inspect/evidence.hpp"

namespace minerwall::inspect {

// Adds to `out` what `message` asks or answers. The first message of a packet gives the question
// and the addresses; further ones (TCP) give only names. False: it is not DNS.
bool read_dns_message(Bytes message, proto::DnsAnswers& scratch, Evidence& out) noexcept;

}  // namespace minerwall::inspect

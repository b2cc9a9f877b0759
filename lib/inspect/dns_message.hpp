// One DNS message, of UDP or TCP, to evidence.
#pragma once

#include "inspect/evidence.hpp"

namespace minerwall::inspect {

// Adds what `message` asks or answers to `out`. The first message of a packet gives the question
// and the addresses; of further ones (TCP) the names are judged. False: it is no DNS.
bool read_dns_message(Bytes message, proto::DnsAnswers& scratch, Evidence& out) noexcept;

}  // namespace minerwall::inspect

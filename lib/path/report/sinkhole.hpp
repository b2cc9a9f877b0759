// The event of a DNS query that is answered here.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

// The packet is the query. rcode: of the answer (RFC 1035, 4.1.1). Never waits: a full ring is a
// counted loss.
void report_sinkhole(Packet packet, const Finding& finding, std::uint8_t rcode) noexcept;

}  // namespace minerwall::path

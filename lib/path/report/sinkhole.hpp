// The event of a DNS query that gets a sinkhole answer.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

// packet: the query. rcode: of the answer (RFC 1035, 4.1.1). Never waits: if the ring is full, the
// event is lost and counted.
void report_sinkhole(Packet packet, const Finding& finding, std::uint8_t rcode) noexcept;

}  // namespace minerwall::path

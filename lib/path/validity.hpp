// Would the receiver take this packet at all? One with a wrong checksum is forwarded, because we
// are a wire, and must not be inspected: what it says never reaches an application, and its bytes
// must not stand in for those that do.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

// The checksums of the IP header and of TCP or UDP are right, and those of tunnels around them.
// Reads the whole packet: for flows under inspection only.
bool checksums_right(Context& context, const rte_mbuf* m, const packet::Frame& frame) noexcept;

// Those of the tunnels alone, true where there is none. For a fragment in a tunnel, whose own
// checksum is the datagram's.
bool tunnel_checksums_right(Context& context, const rte_mbuf* m,
                            const packet::Frame& frame) noexcept;

// checksums_right(), unless the direction's checksums are known to be unfinished (see
// CaptureTraits::offloaded).
bool receiver_accepts(Packet packet) noexcept;

// Looks at a direction's first packet, or a SYN, and notes whether its sender finishes checksums.
void note_offload(Packet packet) noexcept;

}  // namespace minerwall::path

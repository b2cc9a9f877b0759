// Would the receiver take this packet at all? A packet with a wrong checksum is forwarded, because
// we are a wire, and is not inspected: its bytes never reach an application, and must not stand in
// for bytes that do.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

// True if the checksums of the IP header and of TCP or UDP are right, and those of tunnels around
// them. Reads the whole packet: only for flows under inspection.
bool checksums_right(Context& context, const rte_mbuf* m, const packet::Frame& frame) noexcept;

// The checksums of the tunnels alone; true if there is none. For a fragment in a tunnel, whose own
// checksum covers the whole packet.
bool tunnel_checksums_right(Context& context, const rte_mbuf* m,
                            const packet::Frame& frame) noexcept;

// checksums_right(), or the direction's checksums are known to be unfinished (see
// Ports::offloaded).
bool receiver_accepts(Packet packet) noexcept;

// Notes whether the sender finishes its checksums: by a direction's first packet, or by a SYN.
void note_offload(Packet packet) noexcept;

}  // namespace minerwall::path

// Room for bytes that span the buffers of an mbuf chain, and for a payload's pieces.
//
// Each use has its own, so that no copy overlaps another; the next packet writes over it. The
// worker's thread only.
#pragma once

#include <array>
#include <cstdint>

#include "inspect/payload.hpp"

namespace minerwall::path {

struct Scratch {
    // The longest packet, behind any link header.
    using Room = std::array<std::uint8_t, 65536 + 2048>;

    Room parsed;       // headers, for `parse`
    Room reassembled;  // headers of a packet whose last fragment came
    Room fragment;     // a fragment in one piece
    Room checked;      // what a checksum is computed over
    Room tunnel;       // headers of the tunnels whose ends are facts
    Room crafted;      // headers that a crafted packet is made from
    Room udp;          // a UDP payload in one piece
    Room sample;       // the payload of a segment that is looked into again, in one piece

    inspect::Payload segment_pieces;
    inspect::Payload udp_pieces;
    inspect::Payload sample_pieces;
};

}  // namespace minerwall::path

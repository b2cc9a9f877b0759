// Recognises Monero P2Pool's handshake (SChernykh/p2pool, p2p_server.h) from both directions of a
// connection. Both ends send at once
//     00  challenge (8), peer id (8)                              17 bytes
// then, as soon as they have the other's challenge,
//     01  solution: a hash (32), salt (8)                         41 bytes
//     02  listen port (4, little-endian), and then requests        5 bytes
// The hash of the end that opened the connection is a proof of work of difficulty 10000. No other
// protocol has this proof, the fixed bytes and the randomness of the rest.
//
// Messages are found by their place in the stream, regardless of segmentation. One thread at a
// time.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/mining_info.hpp"
#include "proto/peers/handshake.hpp"
#include "proto/randomness.hpp"

namespace minerwall::proto {

class P2PoolDetector {
  public:
    void reset() noexcept { *this = {}; }

    // Feeds the connection's next bytes, from its first byte on. The caller feeds both ends in the
    // order in which their bytes passed. The answer is
    // - likely: when both challenges are complete and a solution begins.
    // - yes: when one end's solution is complete and proves work. No share has been sent yet.
    // - no: from the first byte that does not fit.
    HandshakeResult feed(Role role, Bytes bytes) noexcept;

    HandshakeResult result() const noexcept { return result_; }

    // Fills in what the wire shows: the dialect, and the peer ids as evidence.
    void describe(MiningInfo& out) const noexcept;

  private:
    struct Peer {
        std::uint64_t id = 0;
        std::uint64_t work = 0;  // the hash's last eight bytes, the most significant ones
        std::uint8_t size = 0;   // bytes so far, up to kKnown
        Randomness randomness;
    };

    bool read(Peer& peer, const Peer& other, std::uint8_t c) noexcept;
    static bool proves_work(const Peer& peer) noexcept;

    std::array<Peer, 2> peers_;  // indexed by Role
    HandshakeResult result_ = HandshakeResult::undecided;
};

}  // namespace minerwall::proto

// Stratum V2 under encryption: Noise NX with ElligatorSwift keys (Stratum V2 specification, 4.5 and
// 4.6), known by who sends how many random bytes when.
//
//     client  64                 ephemeral key
//     server  234                64 key + (64 key + 16 MAC) + (74 certificate + 16 MAC);
//                                170 where the static key has 32 bytes less and no ElligatorSwift
//     client  22 + payload + 16  SetupConnection: 6 of frame header + 16 MAC, payload + 16 MAC
//     server  22 + 6 + 16 = 44   SetupConnection.Success
//     client  ..                 opens a channel
//
// Each waits for the other, so that the sizes are those of a direction's bytes between two turns,
// however they are cut into segments. What else opens with random bytes differs in the sizes:
// BIP324 (64 and up to 4095 of garbage on both sides), obfs4, Shadowsocks.
// One thread at a time.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "base/mining_info.hpp"
#include "proto/peers/handshake.hpp"
#include "proto/randomness.hpp"

namespace minerwall::proto {

class Stratum2Detector {
  public:
    void reset() noexcept { *this = {}; }

    // The next bytes of the connection, of both sides in the order in which they passed, from its
    // first byte on. The answer is
    // - likely: when the client begins to speak after 64 and 234. The SetupConnection has not gone
    //   out yet. Other random bytes look so where the first two flights happen to be just as long.
    // - yes: when the client speaks after the server's 44. No channel is open yet, no share sent.
    // - no: from the first byte that does not fit, also after `likely`.
    HandshakeVerdict feed(Side side, Bytes bytes) noexcept;

    HandshakeVerdict verdict() const noexcept { return verdict_; }

    // All that the wire shows: dialect, speaker, and the sizes as evidence.
    void describe(MiningInfo& out) const noexcept;

  private:
    enum class Turn : std::uint8_t { client_key, server_key, setup, answer };

    void take_turn() noexcept;
    void count(Bytes bytes) noexcept;
    void refuse() noexcept { verdict_ = HandshakeVerdict::no; }

    Turn turn_ = Turn::client_key;
    HandshakeVerdict verdict_ = HandshakeVerdict::undecided;
    std::uint16_t size_ = 0;  // bytes of this turn
    std::uint16_t server_key_size_ = 0;
    std::uint16_t setup_size_ = 0;
    Randomness randomness_;
};

}  // namespace minerwall::proto

// Recognises encrypted Stratum V2: Noise NX with ElligatorSwift keys (Stratum V2 specification, 4.5
// and 4.6). The bytes look random, so the detector checks who sends how many of them, and when.
//
//     client  64                 ephemeral key
//     server  234                64 key + (64 key + 16 MAC) + (74 certificate + 16 MAC);
//                                170 if the static key has 32 bytes less and no ElligatorSwift
//     client  22 + payload + 16  SetupConnection: 6 of frame header + 16 MAC, payload + 16 MAC
//     server  22 + 6 + 16 = 44   SetupConnection.Success
//     client  ..                 opens a channel
//
// Each end waits for the other, so these sizes are the bytes of one direction between two turns,
// regardless of segmentation. Other protocols that open with random bytes differ in the sizes:
// BIP324 (64 and up to 4095 of garbage on both ends), obfs4, Shadowsocks.
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

    // Feeds the connection's next bytes, from its first byte on. The caller feeds both ends in the
    // order in which their bytes passed. The answer is
    // - likely: when the client speaks after 64 and 234 bytes. SetupConnection has not left yet.
    //   Other random bytes look the same if their first two flights have the same lengths.
    // - yes: when the client speaks after the server's 44 bytes. No channel is open, no share sent
    //   yet.
    // - no: from the first byte that does not fit, also after `likely`.
    HandshakeResult feed(Role role, Bytes bytes) noexcept;

    HandshakeResult result() const noexcept { return result_; }

    // Fills in what the wire shows: dialect and speaker, and the sizes as evidence.
    void describe(MiningInfo& out) const noexcept;

  private:
    enum class Turn : std::uint8_t { client_key, server_key, setup, answer };

    void take_turn() noexcept;
    void count(Bytes bytes) noexcept;
    void refuse() noexcept { result_ = HandshakeResult::no; }

    Turn turn_ = Turn::client_key;
    HandshakeResult result_ = HandshakeResult::undecided;
    std::uint16_t size_ = 0;  // bytes of this turn
    std::uint16_t server_key_size_ = 0;
    std::uint16_t setup_size_ = 0;
    Randomness randomness_;
};

}  // namespace minerwall::proto

// The CRYPTO frames of an opened Initial (RFC 9000, 17.2.2 and 19).
// Whole-payload function, no state behind it. Fast path, any thread.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace minerwall::proto {

struct QuicCryptoFrame {
    std::uint64_t offset = 0;  // in the stream of this encryption level
    Bytes data;
};

// Steps over the other frames that an Initial may carry (PADDING, PING, ACK, CONNECTION_CLOSE). At
// a frame it may not carry, or one that is cut, the walk ends: a receiver closes the connection
// there, and what came before it may have been delivered.
class QuicCryptoFrames {
  public:
    explicit QuicCryptoFrames(Bytes payload) noexcept : rest_(payload) {}
    bool next(QuicCryptoFrame& out) noexcept;
    // After next() was false: everything was read.
    bool whole() const noexcept { return whole_; }

  private:
    bool end(bool whole) noexcept;
    bool skip_ack(bool with_ecn) noexcept;
    bool skip_close(bool of_transport) noexcept;
    bool take_sized(Bytes& out) noexcept;

    Bytes rest_;
    bool whole_ = false;
};

}  // namespace minerwall::proto

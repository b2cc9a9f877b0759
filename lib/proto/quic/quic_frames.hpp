// The CRYPTO frames of an opened Initial (RFC 9000, 17.2.2 and 19).
// Walks one whole payload. Fast path, any thread.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace minerwall::proto {

struct QuicCryptoFrame {
    std::uint64_t offset = 0;  // in the stream of this encryption level
    Bytes data;
};

// Skips the other frames that an Initial may carry (PADDING, PING, ACK, CONNECTION_CLOSE). The walk
// ends at a frame that it may not carry, or that is cut. A receiver closes the connection there,
// but may have delivered the earlier frames.
class QuicCryptoFrames {
  public:
    explicit QuicCryptoFrames(Bytes payload) noexcept : rest_(payload) {}
    bool next(QuicCryptoFrame& out) noexcept;
    // After next() returned false: it read the whole payload.
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

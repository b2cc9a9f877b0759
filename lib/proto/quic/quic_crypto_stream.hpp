// Puts the CRYPTO stream of one connection's Initials in order (RFC 9000, 2.2 and 7.5).
//
// A window of kWindow bytes over the stream; inside it, bytes may arrive in any order. The first
// copy of a byte counts. The window keeps it as long as it can, to notice a second copy that
// differs. Fixed size, no allocation; one thread at a time.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"

namespace minerwall::proto {

class QuicCryptoStream {
  public:
    // RFC 9000, 7.5 requires at least 4096 bytes of a receiver; common stacks keep more.
    static constexpr std::uint32_t kWindow = 8192;

    struct Added {
        bool conflict = false;  // bytes that differ from an earlier copy
        bool lost = false;      // bytes too far ahead of the window
    };

    QuicCryptoStream() noexcept { reset(); }
    void reset() noexcept;

    // Adds bytes of a CRYPTO frame, at most kMaxPiece at once. Read what is ready() after each
    // piece, so that the window can move on.
    static constexpr std::size_t kMaxPiece = 1024;
    Added add(std::uint64_t offset, Bytes data) noexcept;

    // Bytes in order that are not consumed yet; only the first part if they wrap around.
    Bytes ready() const noexcept;
    void consume(std::size_t n) noexcept { read_ += n; }

  private:
    static constexpr std::uint32_t kWord = 64;

    void slide(std::uint64_t base) noexcept;
    void advance() noexcept;
    bool store(std::uint64_t offset, Bytes data) noexcept;

    std::uint64_t base_;  // the window's first byte
    std::uint64_t read_;  // consumed up to here
    std::uint64_t end_;   // no gap up to here
    std::array<std::uint64_t, kWindow / kWord> have_;
    std::array<std::uint8_t, kWindow> bytes_;  // written before read, so never cleared
};

}  // namespace minerwall::proto

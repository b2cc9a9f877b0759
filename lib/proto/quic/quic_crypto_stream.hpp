// The CRYPTO stream of one connection's Initials put in order (RFC 9000, 2.2 and 7.5).
//
// A window of kWindow bytes over the stream: bytes may come in any order inside it. The first copy
// of a byte counts, and it is kept as long as the window allows, so that a second, different copy
// is noticed. Fixed size, no allocation; one thread at a time.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"

namespace minerwall::proto {

class QuicCryptoStream {
  public:
    // RFC 9000, 7.5 has receivers keep 4096 bytes at least; stacks in use keep more.
    static constexpr std::uint32_t kWindow = 8192;

    struct Added {
        bool conflict = false;  // other bytes than the copy that came first
        bool lost = false;      // bytes too far ahead to be kept
    };

    QuicCryptoStream() noexcept { reset(); }
    void reset() noexcept;

    // Bytes of a CRYPTO frame, at most kMaxPiece at once: read what is ready() after each piece, so
    // that the window can move on.
    static constexpr std::size_t kMaxPiece = 1024;
    Added add(std::uint64_t offset, Bytes data) noexcept;

    // Bytes in order that were not consumed yet; the first part of them where they wrap around.
    Bytes ready() const noexcept;
    void consume(std::size_t n) noexcept { read_ += n; }

  private:
    static constexpr std::uint32_t kWord = 64;

    void slide(std::uint64_t base) noexcept;
    void advance() noexcept;
    bool store(std::uint64_t offset, Bytes data) noexcept;

    std::uint64_t base_;  // the window's first byte
    std::uint64_t read_;  // up to here consumed
    std::uint64_t end_;   // up to here there is no hole
    std::array<std::uint64_t, kWindow / kWord> have_;
    std::array<std::uint8_t, kWindow> bytes_;  // written before read, so never cleared
};

}  // namespace minerwall::proto

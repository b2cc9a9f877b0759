// Copies of one direction's bytes by sequence number: those that were judged and not acknowledged
// yet, and those that lie behind a hole. The first copy of a byte is the one that counts.
//
// A sorted list of pages of the worker's StreamMemory; sequence numbers are compared modulo 2^32,
// and all that is held at a time lies within 2^30 of each other. The owner's thread only.
#pragma once

#include "tcp/stream_memory.hpp"

namespace minerwall::tcp {

// Sequence space (RFC 9293, 3.4).
constexpr bool before(std::uint32_t a, std::uint32_t b) noexcept {
    return static_cast<std::int32_t>(a - b) < 0;
}
constexpr bool after(std::uint32_t a, std::uint32_t b) noexcept {
    return before(b, a);
}

// How much may be taken for more bytes.
struct Room {
    std::uint32_t pages;     // by the direction, those it has included
    std::uint32_t reserved;  // of the worker's, that are left free
    // Pages that lie wholly below `judged` make place, lowest first.
    bool evict;
    std::uint32_t judged;
};

class HeldBytes {
  public:
    void start() noexcept {
        first_ = last_ = flow::kNone;
        pages_ = 0;
    }
    bool empty() const noexcept { return pages_ == 0; }

    // False where a byte that is held differs from the one in `bytes`.
    bool agrees(const StreamMemory& memory, std::uint32_t sequence, Bytes bytes) const noexcept;
    // Holds copies of bytes that agree. False: there was no room for all of them.
    bool put(StreamMemory& memory, std::uint32_t sequence, Bytes bytes, const Room& room) noexcept;
    // The held bytes from `sequence` on, up to a hole or a page's end; empty where it is a hole.
    Bytes run(const StreamMemory& memory, std::uint32_t sequence) const noexcept;
    // The first byte of [from, to) that is not held; `to` where all are.
    std::uint32_t first_missing(const StreamMemory& memory, std::uint32_t from,
                                std::uint32_t to) const noexcept;
    // The first held byte at or after `sequence`; false where there is none.
    bool first_held(const StreamMemory& memory, std::uint32_t sequence,
                    std::uint32_t& found) const noexcept;
    // Gives back the pages that hold nothing from `sequence` on.
    void release_below(StreamMemory& memory, std::uint32_t sequence) noexcept;
    void release(StreamMemory& memory) noexcept;

  private:
    // The page that begins at `start`, or kNone.
    std::uint32_t find(const StreamMemory& memory, std::uint32_t start) const noexcept;
    // The same, taking one where there is none; kNone where no room can be made.
    std::uint32_t find_or_take(StreamMemory& memory, std::uint32_t start,
                               const Room& room) noexcept;
    void drop_first(StreamMemory& memory) noexcept;

    std::uint32_t first_, last_;
    std::uint32_t pages_;
};

}  // namespace minerwall::tcp

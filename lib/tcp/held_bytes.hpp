// Copies of one direction's bytes by sequence number: judged bytes that are not acknowledged yet,
// and bytes behind a hole. The first copy of a byte counts.
//
// A sorted list of pages of the worker's StreamMemory. Sequence numbers are compared modulo 2^32,
// and all bytes that are held at a time lie within 2^30 of each other. The owner's thread only.
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

// Bounds for taking more pages.
struct Room {
    std::uint32_t pages;     // of the direction, with the pages that it has
    std::uint32_t reserved;  // of the worker, to be left free
    flow::SourceId source;   // of the flow
    std::uint32_t share;     // the source may hold so many times the pages that are free
    // Pages that lie wholly below `judged` are given up, lowest first.
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

    // False if a held byte differs from the one in `bytes`.
    bool agrees(const StreamMemory& memory, std::uint32_t sequence, Bytes bytes) const noexcept;
    // Holds copies of bytes that agree. False: there was not room for all.
    bool put(StreamMemory& memory, std::uint32_t sequence, Bytes bytes, const Room& room) noexcept;
    // The held bytes from `sequence` on, up to a hole or a page's end; empty at a hole.
    Bytes run(const StreamMemory& memory, std::uint32_t sequence) const noexcept;
    // The first byte of [from, to) that is not held; `to` if all are held.
    std::uint32_t first_missing(const StreamMemory& memory, std::uint32_t from,
                                std::uint32_t to) const noexcept;
    // The first held byte at or after `sequence`; false if there is none.
    bool first_held(const StreamMemory& memory, std::uint32_t sequence,
                    std::uint32_t& found) const noexcept;
    // Gives back the pages that hold nothing from `sequence` on.
    void release_below(StreamMemory& memory, std::uint32_t sequence) noexcept;
    void release(StreamMemory& memory) noexcept;

  private:
    // The page that begins at `start`, or kNone.
    std::uint32_t find(const StreamMemory& memory, std::uint32_t start) const noexcept;
    // The same, but takes a page if there is none; kNone if it cannot make room.
    std::uint32_t find_or_take(StreamMemory& memory, std::uint32_t start,
                               const Room& room) noexcept;
    void drop_first(StreamMemory& memory) noexcept;

    std::uint32_t first_, last_;
    std::uint32_t pages_;
};

}  // namespace minerwall::tcp

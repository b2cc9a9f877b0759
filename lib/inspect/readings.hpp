// A connection as its applications may read it. Where a segment has an urgent pointer, the byte
// that it points at is taken out of what is read, or is not (RFC 6093, 2): the sockets API leaves
// that to the application. Then there are two readings, and each is judged.
//
// Plain data in the flow's record. The parsers are the worker's, taken from and given back to its
// pool. Its thread only.
#pragma once

#include "flow/pool.hpp"
#include "inspect/connection.hpp"

namespace minerwall::inspect {

class Readings {
  public:
    using Pool = flow::Pool<Connection>;

    // `connection` has been started, or is kNone: nothing is read.
    void start(std::uint32_t connection) noexcept;
    bool is_open() const noexcept { return usual_ != flow::kNone; }
    // Gives back what was taken.
    void close(Pool& pool) noexcept;

    // The byte at `sequence` of a direction, of which `next` is the next byte to be fed, is urgent,
    // and has not been fed yet. False: another one is, and makes a difference still; a reading for
    // every such byte there cannot be. `no_room`: its second reading cannot be had.
    bool note_urgent(Pool& pool, flow::Direction direction, std::uint32_t sequence,
                     std::uint32_t next, bool& no_room) noexcept;
    void lose_track(Pool& pool, flow::Direction direction) noexcept;
    // Bytes of a direction, the first of which has the number `sequence`. A direction is settled
    // when it is so in every reading.
    Stream::Outcome feed(Pool& pool, flow::Direction direction, std::uint32_t sequence, Bytes bytes,
                         Tools& tools, Evidence& out) noexcept;
    Stream::Outcome end_segment(Pool& pool, flow::Direction direction) noexcept;

  private:
    // Both readings have come to the same: protocols that nobody knows, where what was read is
    // forgotten at a line's end (Telnet, FTP).
    bool agree(const Pool& pool) const noexcept;

    // Bits of done_: a direction of a reading has nothing more to tell.
    static constexpr unsigned kUsual = 0, kInLine = 2;
    bool is_done(unsigned reading, flow::Direction direction) const noexcept {
        return (done_ >> (reading + index(direction)) & 1) != 0;
    }
    void note(unsigned reading, flow::Direction direction, Stream::Outcome outcome) noexcept;
    Stream::Outcome outcome(flow::Direction direction) const noexcept;
    Stream::Outcome feed_without_urgent(Connection& connection, flow::Direction direction,
                                        std::uint32_t sequence, Bytes bytes, Tools& tools,
                                        Evidence& out) const noexcept;

    std::uint32_t usual_;    // parsers; kNone: nothing is read
    std::uint32_t in_line_;  // the same, with urgent bytes left in; kNone: there were none
    std::uint32_t urgent_[2];
    std::uint8_t has_urgent_;  // a bit for each direction
    std::uint8_t done_;
};

}  // namespace minerwall::inspect

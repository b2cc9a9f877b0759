// A connection as its applications may read it. If a segment has an urgent pointer, an application
// reads the urgent byte in line or leaves it out (RFC 6093, 2); the sockets API lets it choose.
// Then there are two readings, and each is judged.
//
// Plain data in the flow's record. It takes the parsers from the worker's pool and gives them back.
// The worker's thread only.
#pragma once

#include "flow/pool.hpp"
#include "inspect/connection.hpp"

namespace minerwall::inspect {

class Readings {
  public:
    using Pool = flow::Pool<Connection>;

    // `connection` is already started, or kNone: then nothing is read.
    void start(std::uint32_t connection) noexcept;
    bool is_open() const noexcept { return usual_ != flow::kNone; }
    // Gives back the parsers.
    void close(Pool& pool) noexcept;

    // The byte at `sequence` of a direction is urgent and not fed yet; `next` is the next byte to
    // feed. False: another urgent byte still makes a difference, and we do not keep a reading for
    // each. `no_room`: no state is free for the second reading.
    bool note_urgent(Pool& pool, flow::Direction direction, std::uint32_t sequence,
                     std::uint32_t next, bool& no_room) noexcept;
    void lose_track(Pool& pool, flow::Direction direction) noexcept;
    // Connection::parked_as(); 0 if there are two readings, or an urgent byte is still to come.
    std::uint8_t parked_as(const Pool& pool, bool done_0, bool done_1) const noexcept {
        return in_line_ != flow::kNone || has_urgent_ != 0
                   ? std::uint8_t{0}
                   : pool.at(usual_).parked_as(done_0, done_1);
    }
    // Bytes of a direction; `sequence` is the number of the first one. A direction is settled if it
    // is settled in every reading.
    Stream::Outcome feed(Pool& pool, flow::Direction direction, std::uint32_t sequence, Bytes bytes,
                         Tools& tools, Evidence& out) noexcept;
    Stream::Outcome end_segment(Pool& pool, flow::Direction direction) noexcept;

  private:
    // Both readings have the same state. This happens in unknown protocols that forget what they
    // read at a line's end (Telnet, FTP).
    bool agree(const Pool& pool) const noexcept;

    // Bits of done_: a direction of a reading is settled.
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
    std::uint32_t in_line_;  // the same, with urgent bytes left in; kNone: none came
    std::uint32_t urgent_[2];
    std::uint8_t has_urgent_;  // one bit per direction
    std::uint8_t done_;
};

}  // namespace minerwall::inspect

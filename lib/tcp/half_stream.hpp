// One direction of a TCP connection as its receiver sees it (RFC 9293 from the middle of the wire).
//
// Every segment is forwarded at once. HalfStream says which of its bytes are new to the receiver's
// application, and in which order. Three rules keep both views the same:
//
//   - Bytes behind a hole are held, and read when the hole is filled. The segment that fills it
//     brings the evidence, and can be dropped.
//   - The first copy of a byte was judged. A second, different copy is a conflict: that segment
//     must not pass, until the receiver has acknowledged the first copy.
//   - Only the receiver itself can say what it has and what it would take. So the caller passes
//     only segments from the receiver's end of the wire to hear().
//
// Bounded: no more than `limit` pages for each direction, from the worker's one StreamMemory. One
// worker's thread. It lies in raw memory that start() initialises.
#pragma once

#include <span>
#include <type_traits>

#include "tcp/held_bytes.hpp"

namespace minerwall::tcp {

struct StreamLimits {
    std::uint32_t pages = 128;    // of one direction
    bool drop_when_full = false;  // instead of reading a segment whose bytes cannot be held
    flow::SourceId source = 0;    // of the flow
};

// What a receiver says in a segment that it sends.
struct Receipt {
    std::uint32_t ack;
    std::uint32_t window;  // in bytes, scaled (an upper bound if the scale is not known)
    std::uint32_t echo;    // TSecr: the newest timestamp that the receiver has taken
    bool has_echo;
};

struct Arrival {
    enum class Kind : std::uint8_t {
        nothing,   // every byte was read before
        ignored,   // the receiver will discard it: beyond its window, or behind a FIN
        in_order,  // the payload from `skip` on comes next, then HalfStream::run()
        held,      // it lies behind a hole: held
        conflict,  // a byte differs from the copy that was judged: must not pass
        full,      // no room to hold it, and the options say to drop it
    };
    Kind kind = Kind::nothing;
    std::uint32_t skip = 0;  // leading bytes that were read before
    // Not certain whether the receiver has these bytes already, or will ever have them in this
    // order: the segment must also be judged by itself.
    bool alone = false;
    bool exhausted = false;  // some of it could not be held
};

class HalfStream {
  public:
    void start() noexcept;
    // As start(), if we saw that the receiver expects `next` (from its SYN, or SYN and ACK).
    void start_at(std::uint32_t next) noexcept;

    // True if the receiver has bytes that were not read. Some of them may be held. Before the next
    // segment, the caller reads run(), and calls skip_missing() when run() is empty, until this is
    // false.
    bool is_behind(std::uint32_t next) const noexcept {
        return acked_known_ && before(next, acked_);
    }
    std::uint32_t expected(std::uint32_t next) const noexcept {
        return is_behind(next) ? acked_ : next;
    }
    // Moves `next` over bytes that did not pass here.
    void skip_missing(const StreamMemory& memory, std::uint32_t& next) noexcept;
    // The same for all that is left, held or not.
    void give_up(std::uint32_t& next) noexcept;
    // The same for a settled direction, which is not read.
    void skip_all(std::uint32_t& next) const noexcept { next = acked_; }

    // A segment with payload is about to arrive. Believes an acknowledgement of bytes that did not
    // pass here if the sender continues from there: the sender knows what it sent. Called before
    // is_behind().
    void believe(StreamMemory& memory, std::uint32_t& next, bool& known,
                 std::uint32_t sequence) noexcept;
    // The sender's timestamp: no receiver echoes a newer one.
    void note_timestamp(std::uint32_t timestamp) noexcept {
        if (!stamp_known_ || after(timestamp, stamp_)) {
            stamp_ = timestamp;
            stamp_known_ = true;
        }
    }

    // A segment with payload. `next` is the direction's next byte to read, kept by the flow;
    // `known` says whether it has a value yet. `settled`: the direction is only guarded, not read.
    //
    // After in_order, the caller reads the payload from `skip` on and moves `next` behind it. Then
    // it takes run() until it is empty, and moves `next`. It asks take_lost() first.
    Arrival arrive(StreamMemory& memory, const StreamLimits& limits, std::uint32_t& next,
                   bool& known, bool settled, std::uint32_t sequence,
                   std::span<const Bytes> pieces) noexcept;
    // Held bytes that come next, or none.
    Bytes run(const StreamMemory& memory, std::uint32_t next) const noexcept {
        return held_.run(memory, next);
    }
    // True once after a gap: the next bytes do not follow those that were read before.
    bool take_lost() noexcept {
        const bool lost = lost_;
        lost_ = false;
        return lost;
    }

    // What the receiver itself says, from its end of the wire.
    void hear(StreamMemory& memory, std::uint32_t& next, bool known,
              const Receipt& receipt) noexcept;
    // The sender's FIN, with the sequence number behind the segment's payload.
    void note_fin(std::uint32_t sequence) noexcept {
        fin_ = sequence;
        fin_known_ = true;
        note_top(sequence + 1);
    }

    // PAWS (RFC 7323, 5): the receiver has already taken a newer timestamp.
    bool is_stale(std::uint32_t timestamp) const noexcept {
        // Linux lets one tick of disorder pass.
        return echo_known_ && after(echo_ - 1, timestamp);
    }
    // True if a RST with this number ends the connection (RFC 5961, 3.2).
    bool obeys_reset(std::uint32_t sequence, std::uint32_t next) const noexcept {
        return sequence == next || (acked_known_ && sequence == acked_);
    }
    bool is_guarding() const noexcept { return !held_.empty(); }
    // The receiver has every byte that passed, and no other. next: as for is_behind().
    bool is_acknowledged(std::uint32_t next) const noexcept {
        return held_.empty() && acked_known_ && acked_ == next && !claims_ && !fin_known_;
    }
    // The receiver has acknowledged the sender's FIN: no more bytes will come.
    bool is_finished() const noexcept { return fin_acked_; }
    // We do not guard a settled direction for ever if its receiver is never heard. A receiver that
    // was heard would acknowledge these bytes if it had them.
    bool guard_is_stale() const noexcept { return !acked_known_ && unheard_ >= kGuardedSegments; }

    void release(StreamMemory& memory) noexcept { held_.release(memory); }

    // Bytes ahead of `next` that count as this connection's while no window is known.
    static constexpr std::uint32_t kPlausible = 1 << 20;
    // A hole counts as a gap after so many segments behind it without a packet from the receiver.
    static constexpr std::uint8_t kPatience = 16;
    // A jump is believed when so many segments have continued from its target.
    static constexpr std::uint8_t kBelieved = 3;
    static constexpr std::uint8_t kGuardedSegments = 64;
    // How far below the first byte seen a stream that was joined midway may begin: we may see
    // another segment first than the sender sent first.
    static constexpr std::uint32_t kJoinedBelow = 1 << 16;

  private:
    std::uint32_t reach() const noexcept;
    void note_top(std::uint32_t end) noexcept {
        top_ = top_known_ && before(end, top_) ? top_ : end;
        top_known_ = true;
    }
    void start_over(StreamMemory& memory, bool& known) noexcept;
    bool is_wanted(std::uint32_t unread) noexcept;
    bool jumps(std::uint32_t sequence, std::uint32_t end) noexcept;
    Arrival behind_hole(StreamMemory& memory, const StreamLimits& limits, std::uint32_t& next,
                        std::uint32_t from, std::span<const Bytes> pieces,
                        std::uint32_t skip) noexcept;

    HeldBytes held_;
    std::uint32_t acked_;   // what the receiver last said it expects next; never beyond top_
    std::uint32_t top_;     // end of the bytes that passed here
    std::uint32_t claim_;   // an acknowledgement that nothing confirms yet
    std::uint32_t gap_;     // the first byte below acked_ that did not pass here
    std::uint32_t stamp_;   // the sender's newest timestamp
    std::uint32_t window_;  // the widest that the receiver announced
    std::uint32_t echo_;
    std::uint32_t fin_;
    std::uint32_t jumped_to_;
    std::uint32_t base_;  // the lowest byte seen of a stream that was joined midway
    std::uint8_t jumps_;
    std::uint8_t waiting_;  // segments behind the hole
    std::uint8_t unheard_;  // segments since the receiver was last heard from
    bool acked_known_ : 1, window_known_ : 1, echo_known_ : 1;
    bool fin_known_ : 1, fin_acked_ : 1;
    bool top_known_ : 1, claims_ : 1, has_gap_ : 1, stamp_known_ : 1;
    bool lost_ : 1, joined_ : 1;
};
static_assert(std::is_trivially_destructible_v<HalfStream>);

}  // namespace minerwall::tcp

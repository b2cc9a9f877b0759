// Per-worker table of IP datagrams that arrive in pieces: copies of their bytes, until the datagram
// is whole, and a while longer.
//
// The pieces themselves are forwarded at once; the table says of each whether it completes its
// datagram, so that the whole can be judged while its last piece is in hand. What it promises: of
// pieces that were forwarded, no receiver can put together other bytes than the table gave to be
// judged, and none before they were judged, however the pieces overlap, repeat or get lost on the
// way to it, as long as the datagram is remembered. Hence:
//  - a piece that differs from a byte that is held, or contradicts the datagram's length, is a
//    conflict, and the whole datagram is cursed (RFC 5722, 3; Linux does so for IPv4 too);
//  - a datagram stays after it was completed, and each further piece of it completes it again: the
//    receiver may have lost that piece, or was kept from it by a verdict;
//  - it stays for a timeout after its last piece, which must be no shorter than a receiver's.
// But a host has only 65,536 names for its IPv4 datagrams. So a whole one makes way for another of
// its name if its pieces were such that every receiver has put it together or has none of them:
// see is_spent(). What chance takes from such a datagram is the one thing not promised for.
//
// All memory is taken in the constructor. Where room runs out, completed datagrams go first, then
// the oldest of a source that holds more than its share, then the oldest of all: new ones are
// always taken. A tombstone stays for each that goes before its end.
//
// One thread only, but for is_blocked() and seen(). RFC 791, 3.2; RFC 815; RFC 1858; RFC 3128; RFC
// 5722; RFC 8200, 4.5.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "flow/hash.hpp"
#include "flow/memory.hpp"
#include "flow/pool.hpp"
#include "reassembly/fragment_key.hpp"
#include "reassembly/tombstones.hpp"

namespace minerwall::reassembly {

struct FragmentLimits {
    std::uint32_t datagrams = 1024;    // at a time, those included that are whole
    std::uint32_t memory_kb = 8192;    // for their bytes
    std::uint32_t timeout_ms = 65000;  // after a datagram's last piece
};

class FragmentTable {
  public:
    enum class Outcome : std::uint8_t {
        held,        // the datagram is not whole yet
        complete,    // it is: judge it before this piece goes on
        conflict,    // must not go on: other bytes than were seen before
        blocked,     // must not go on: its datagram was blocked
        over_share,  // must not go on: its datagram was forgotten, its source holds too many
        full,        // its datagram was forgotten: no room
    };
    struct Added {
        Outcome outcome;
        std::uint32_t datagram;  // where `complete`: valid until the next add() or expire()
    };
    // What block() needs to know a datagram by, later.
    struct Ticket {
        std::uint64_t hash;
        std::uint32_t datagram, generation;
    };

    FragmentTable(const FragmentLimits& limits, const flow::HashKey& secret);

    std::uint64_t hash(const FragmentKey& key) const noexcept {
        return flow::hash_key(key, secret_);
    }

    // A piece came by that is to be added next, or that no receiver takes.
    void see(std::uint32_t source) noexcept {
        seen_[source].store(seen(source) + 1, std::memory_order_relaxed);
    }
    // Any thread: how many of this source came by, modulo 2^32. For FragmentFate::seen.
    std::uint32_t seen(std::uint32_t source) const noexcept {
        return seen_[source].load(std::memory_order_relaxed);
    }
    std::uint32_t source_of(const IpAddress& src) const noexcept;
    FragmentFate fate(Bytes head, const packet::Frame& frame,
                      const packet::FragmentPart& part) const noexcept {
        return make_fragment_fate(head, frame, part, secret_);
    }

    // data: part.length bytes. Work is bounded by its length.
    Added add(const FragmentKey& key, std::uint64_t hash, const packet::FragmentPart& part,
              Bytes data, const FragmentFate& fate, Nanos now) noexcept;

    // Of a whole datagram:
    std::uint32_t length(std::uint32_t id) const noexcept { return datagrams_.at(id).total; }
    std::uint8_t ip_proto(std::uint32_t id) const noexcept { return datagrams_.at(id).ip_proto; }
    bool source_routed(std::uint32_t id) const noexcept { return datagrams_.at(id).source_routed; }
    void read(std::uint32_t id, std::uint32_t offset, MutableBytes out) const noexcept;
    Ticket ticket(std::uint32_t id) const noexcept {
        return {datagrams_.at(id).hash, id, datagrams_.at(id).generation};
    }

    // The datagram's last piece was dropped, by a verdict: from now on each piece is `blocked`. The
    // ticket may be of another worker's table: that one asks is_blocked().
    void block(Ticket ticket, Nanos now) noexcept;
    // As block(), of our own ticket: its record and memory are free again.
    void block_own(Ticket ticket, Nanos now) noexcept;
    // Any thread.
    bool is_blocked(std::uint64_t hash, Nanos now) const noexcept {
        return tombstones_.find(hash, now / kNanosPerMilli) ==
               static_cast<std::uint8_t>(Outcome::blocked);
    }

    // Forgets datagrams whose time is over, of `budget` at most. How many were never whole.
    unsigned expire(Nanos now, unsigned budget) noexcept;

    std::uint32_t size() const noexcept { return datagrams_.in_use(); }
    std::uint32_t blocks_in_use() const noexcept { return blocks_.in_use(); }
    std::uint64_t expired() const noexcept { return expired_; }  // never whole; ever

  private:
    // Offsets count units of 8 bytes (RFC 791, 3.1), so that a block's bitmap is one word.
    static constexpr std::uint32_t kUnit = 8;
    static constexpr std::uint32_t kBlockBytes = 64 * kUnit;
    static constexpr std::uint32_t kBlocksPerDatagram = 65536 / kBlockBytes;
    static constexpr std::uint32_t kNoTotal = UINT32_MAX;
    static constexpr std::uint32_t kShareOf = 4;  // one source may hold this part of all room
    // A receiver that lost a piece gets it again from a network that duplicates; not for ever. Each
    // judges all of the datagram again, so that all of them share what may be spent on it.
    static constexpr std::uint32_t kRepeatsPerPiece = 4, kMoreRepeats = 8;
    static constexpr std::uint32_t kRepeatedPerMs = 128 * 1024;
    static constexpr std::uint64_t kRepeatedAtOnce = 128 * kRepeatedPerMs;
    // See is_spent().
    static constexpr std::uint32_t kMostPieces = 16;    // FreeBSD: ip.maxfragsperpacket
    static constexpr std::uint32_t kMostBetween = 32;   // Linux: half of ipfrag_max_dist
    static constexpr std::uint32_t kLongestMs = 1000;   // no receiver gives up so soon
    static constexpr std::uint32_t kOvertakingMs = 20;  // how late a piece may be behind us

    struct Block {
        std::uint64_t have;  // by unit
        std::uint8_t data[kBlockBytes];
    };
    struct Link {
        std::uint32_t previous, next;
    };
    struct Datagram {
        FragmentKey key;
        std::uint64_t hash;
        Link by_age;            // in `waiting_` or `whole_`
        Link by_source;         // in its source's, while it waits
        std::uint64_t last_ms;  // when a piece of it went on
        std::uint32_t next_in_bucket;
        std::uint32_t source;
        std::uint32_t generation;
        std::uint32_t units;     // that are held
        std::uint32_t end;       // of the farthest piece
        std::uint32_t total;     // the last piece's end, or kNoTotal
        std::uint32_t first_ms;  // of when it was opened, the low bits
        std::uint32_t mark;      // of its first piece's fate
        std::uint32_t seen;      // of its source, up to its last piece
        std::uint16_t pieces;    // that brought something new
        std::uint16_t repeats;   // since it is whole
        std::uint16_t blocks;
        std::uint8_t ip_proto;  // of the first piece
        bool first_seen, source_routed;
        bool whole;
        bool uniform;                             // its pieces share one fate; none came twice
        std::uint32_t block[kBlocksPerDatagram];  // or flow::kNone
    };
    static_assert(sizeof(Datagram) == 10 * 64, "two cache lines and the blocks' names");
    struct List {
        std::uint32_t first = flow::kNone, last = flow::kNone;
    };
    struct Source {
        List datagrams;
        std::uint32_t count, blocks;
    };
    template <Link Datagram::*kLink>
    void append(List& list, std::uint32_t id) noexcept;
    template <Link Datagram::*kLink>
    void remove(List& list, std::uint32_t id) noexcept;

    std::uint32_t find(const FragmentKey& key, std::uint64_t hash) const noexcept;
    std::uint32_t open(const FragmentKey& key, std::uint64_t hash, const FragmentFate& fate,
                       std::uint64_t now_ms) noexcept;
    void forget(std::uint32_t id) noexcept;
    void curse(std::uint32_t id, Outcome why, std::uint64_t now_ms) noexcept;
    bool make_room(std::uint32_t keep, std::uint64_t now_ms) noexcept;
    bool contradicts(const Datagram& datagram, const packet::FragmentPart& part) const noexcept;
    bool compare(const Datagram& datagram, const packet::FragmentPart& part, Bytes data,
                 std::uint32_t& missing_blocks) const noexcept;
    bool reserve(std::uint32_t id, std::uint32_t blocks, std::uint64_t now_ms) noexcept;
    void store(Datagram& datagram, const packet::FragmentPart& part, Bytes data) noexcept;
    void complete(std::uint32_t id) noexcept;
    void touch(std::uint32_t id, std::uint64_t now_ms) noexcept;
    void weigh(Datagram& datagram, const FragmentFate& fate, std::uint64_t now_ms) noexcept;
    Added repeat(std::uint32_t id, std::uint64_t now_ms) noexcept;
    bool can_repeat(const Datagram& datagram, std::uint64_t now_ms) noexcept;
    bool is_spent(const Datagram& datagram, std::uint64_t now_ms) const noexcept;
    bool is_over(const Datagram& datagram, std::uint64_t now_ms) const noexcept {
        return now_ms - datagram.last_ms >= timeout_ms_;
    }

    flow::HashKey secret_;
    std::uint32_t timeout_ms_;
    std::uint32_t most_datagrams_, most_blocks_;  // of one source
    flow::Pool<Datagram> datagrams_;
    flow::Pool<Block> blocks_;
    flow::Pages<std::uint32_t> buckets_;  // a datagram's id + 1; 0: none
    flow::Pages<Source> sources_;
    flow::Pages<std::atomic<std::uint32_t>> seen_;  // by source
    Tombstones tombstones_;
    List waiting_, whole_;  // oldest first
    std::uint64_t expired_ = 0;
    std::uint64_t repeat_budget_ = kRepeatedAtOnce;  // bytes
    std::uint64_t repeated_ms_ = 0;                  // when it was last looked at
};

}  // namespace minerwall::reassembly

// Per-worker table of IP datagrams that arrive in pieces. It keeps copies of their bytes until the
// datagram is whole, and a while longer.
//
// The path forwards the pieces at once. The table tells for each whether it completes its datagram,
// so that the path can judge the whole before it forwards the last piece. The table promises that
// no receiver can assemble bytes that it did not give to be judged, and none before they were
// judged. This holds however the forwarded pieces overlap, repeat or get lost, as long as it
// remembers the datagram. Therefore:
// - a piece that differs from a held byte, or contradicts the datagram's length, is a conflict, and
//   no further piece of the datagram passes (RFC 5722, 3; Linux does so for IPv4 too);
// - a datagram stays after it was completed, and each further piece of it completes it again: the
//   receiver may have lost that piece, or a verdict kept it away;
// - it stays for a timeout after its last piece, which must not be shorter than a receiver's.
//
// But a host has only 65,536 identifications for its IPv4 datagrams. So a whole datagram makes room
// for another one with its identification if every receiver has assembled it or has none of its
// pieces: see is_spent(). The promise excludes only what such a datagram loses by chance.
//
// The constructor allocates all memory. When room runs out, the table forgets completed datagrams
// first, then the oldest of a source that holds more than its share, then the oldest of all, so
// that it always takes new ones. A tombstone stays for each datagram that goes before its end.
//
// One thread only, except is_blocked() and seen(). RFC 791, 3.2; RFC 815; RFC 1858; RFC 3128; RFC
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
    std::uint32_t datagrams = 1024;    // at a time, whole ones included
    std::uint32_t memory_kb = 8192;    // for their bytes
    std::uint32_t timeout_ms = 65000;  // after a datagram's last piece
};

class FragmentTable {
  public:
    enum class Outcome : std::uint8_t {
        held,        // the datagram is not whole yet
        complete,    // now it is: judge it before you forward this piece
        conflict,    // do not forward: other bytes than before
        blocked,     // do not forward: its datagram was blocked
        over_share,  // do not forward: the source held too many, its datagram was forgotten
        full,        // no room: its datagram was forgotten
    };
    struct Added {
        Outcome outcome;
        std::uint32_t datagram;  // if `complete`: valid until the next add() or expire()
    };
    // Identifies a datagram for a later block().
    struct Ticket {
        std::uint64_t hash;
        std::uint32_t datagram, generation;
    };

    FragmentTable(const FragmentLimits& limits, const flow::HashKey& secret);

    std::uint64_t hash(const FragmentKey& key) const noexcept {
        return flow::hash_key(key, secret_);
    }

    // Counts a piece that is added next, or that no receiver accepts.
    void see(std::uint32_t source) noexcept {
        seen_[source].store(seen(source) + 1, std::memory_order_relaxed);
    }
    // Any thread: how many pieces of this source passed, modulo 2^32. For FragmentTreatment::seen.
    std::uint32_t seen(std::uint32_t source) const noexcept {
        return seen_[source].load(std::memory_order_relaxed);
    }
    std::uint32_t source_of(const IpAddress& src) const noexcept;
    FragmentTreatment treatment(Bytes head, const packet::Frame& frame,
                                const packet::FragmentPart& part) const noexcept {
        return make_fragment_treatment(head, frame, part, secret_);
    }

    // data: part.length bytes. The work is bounded by its length.
    Added add(const FragmentKey& key, std::uint64_t hash, const packet::FragmentPart& part,
              Bytes data, const FragmentTreatment& treatment, Nanos now) noexcept;

    // For a whole datagram:
    std::uint32_t length(std::uint32_t id) const noexcept { return datagrams_.at(id).total; }
    std::uint8_t ip_proto(std::uint32_t id) const noexcept { return datagrams_.at(id).ip_proto; }
    bool source_routed(std::uint32_t id) const noexcept { return datagrams_.at(id).source_routed; }
    void read(std::uint32_t id, std::uint32_t offset, MutableBytes out) const noexcept;
    Ticket ticket(std::uint32_t id) const noexcept {
        return {datagrams_.at(id).hash, id, datagrams_.at(id).generation};
    }

    // A verdict dropped the datagram's last piece: from now on each piece is `blocked`. The ticket
    // may come from another worker's table, which then asks is_blocked().
    void block(Ticket ticket, Nanos now) noexcept;
    // Like block() for our own ticket, and frees the record and its memory.
    void block_own(Ticket ticket, Nanos now) noexcept;
    // Any thread.
    bool is_blocked(std::uint64_t hash, Nanos now) const noexcept {
        return tombstones_.find(hash, now / kNanosPerMilli) ==
               static_cast<std::uint8_t>(Outcome::blocked);
    }

    // Checks at most `budget` datagrams and forgets those whose time is over. Returns how many were
    // never whole.
    unsigned expire(Nanos now, unsigned budget) noexcept;

    std::uint32_t size() const noexcept { return datagrams_.in_use(); }
    std::uint32_t blocks_in_use() const noexcept { return blocks_.in_use(); }

  private:
    // Offsets count units of 8 bytes (RFC 791, 3.1), so that a block's bitmap is one word.
    static constexpr std::uint32_t kUnit = 8;
    static constexpr std::uint32_t kBlockBytes = 64 * kUnit;
    static constexpr std::uint32_t kBlocksPerDatagram = 65536 / kBlockBytes;
    static constexpr std::uint32_t kNoTotal = UINT32_MAX;
    static constexpr std::uint32_t kShareOf = 4;  // the part of all room that one source may hold
    // A receiver that lost a piece may get it again from a network that duplicates, but not without
    // limit. Each repeat judges the whole datagram again, so all datagrams share one budget.
    static constexpr std::uint32_t kRepeatsPerPiece = 4, kMoreRepeats = 8;
    static constexpr std::uint32_t kRepeatedPerMs = 128 * 1024;
    static constexpr std::uint64_t kRepeatedAtOnce = 128 * kRepeatedPerMs;
    // See is_spent().
    static constexpr std::uint32_t kMostPieces = 16;    // FreeBSD: ip.maxfragsperpacket
    static constexpr std::uint32_t kMostBetween = 32;   // Linux: half of ipfrag_max_dist
    static constexpr std::uint32_t kLongestMs = 1000;   // no receiver gives up this early
    static constexpr std::uint32_t kOvertakingMs = 20;  // how much a piece may be delayed behind us

    struct Block {
        std::uint64_t have;  // one bit per unit
        std::uint8_t data[kBlockBytes];
    };
    struct Neighbours {
        std::uint32_t previous, next;
    };
    struct Datagram {
        FragmentKey key;
        std::uint64_t hash;
        Neighbours by_age;      // in `waiting_` or `whole_`
        Neighbours by_source;   // in its source's list, while it waits
        std::uint64_t last_ms;  // when we last forwarded a piece of it
        std::uint32_t next_in_bucket;
        std::uint32_t source;
        std::uint32_t generation;
        std::uint32_t units;     // held units
        std::uint32_t end;       // of the piece that reaches farthest
        std::uint32_t total;     // the last piece's end, or kNoTotal
        std::uint32_t first_ms;  // when it was opened, low bits
        std::uint32_t mark;      // of its first piece
        std::uint32_t seen;      // of its source, up to its last piece here
        std::uint16_t pieces;    // with new bytes
        std::uint16_t repeats;   // since it is whole
        std::uint16_t blocks;
        std::uint8_t ip_proto;  // of the first piece
        bool first_seen, source_routed;
        bool whole;
        bool uniform;                             // its pieces get one treatment, no repeats
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
    template <Neighbours Datagram::*kOrder>
    void append(List& list, std::uint32_t id) noexcept;
    template <Neighbours Datagram::*kOrder>
    void remove(List& list, std::uint32_t id) noexcept;

    std::uint32_t find(const FragmentKey& key, std::uint64_t hash) const noexcept;
    std::uint32_t open(const FragmentKey& key, std::uint64_t hash,
                       const FragmentTreatment& treatment, std::uint64_t now_ms) noexcept;
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
    void weigh(Datagram& datagram, const FragmentTreatment& treatment,
               std::uint64_t now_ms) noexcept;
    Added repeat(std::uint32_t id, std::uint64_t now_ms) noexcept;
    bool can_repeat(const Datagram& datagram, std::uint64_t now_ms) noexcept;
    bool is_spent(const Datagram& datagram, std::uint64_t now_ms) const noexcept;
    bool is_over(const Datagram& datagram, std::uint64_t now_ms) const noexcept {
        return now_ms - datagram.last_ms >= timeout_ms_;
    }

    flow::HashKey secret_;
    std::uint32_t timeout_ms_;
    std::uint32_t most_datagrams_, most_blocks_;  // limits per source
    flow::Pool<Datagram> datagrams_;
    flow::Pool<Block> blocks_;
    flow::Pages<std::uint32_t> buckets_;  // a datagram's id + 1; 0: none
    flow::Pages<Source> sources_;
    flow::Pages<std::atomic<std::uint32_t>> seen_;  // by source
    Tombstones tombstones_;
    List waiting_, whole_;                           // oldest first
    std::uint64_t repeat_budget_ = kRepeatedAtOnce;  // bytes
    std::uint64_t repeated_ms_ = 0;                  // when the budget was last updated
};

}  // namespace minerwall::reassembly

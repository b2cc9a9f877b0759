// Addresses and names of pools, learned for a client: from the DNS answer for a listed name, from a
// pool that redirects its miner, or from a miner's message that names its pool.
//
// One table per worker: only its owner learns, every thread may look up. Mostly, the flow that uses
// an address belongs to another worker than the one that learned it, so a look-up searches the
// tables of all workers. Readers take no locks: each entry has a sequence number that is odd during
// a write (Boehm, "Can seqlocks get along with programming language memory models?").
//
// Bounded: buckets of eight. In a full bucket, without expired entries, a new entry replaces one of
// the client that has most in the table, if that has more than its own; else one of the same
// client, or it is not learned. So no client can evict what was learned for one that has less.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "base/address.hpp"
#include "base/fixed_text.hpp"
#include "base/learned_from.hpp"
#include "base/time.hpp"
#include "flow/hash.hpp"
#include "flow/memory.hpp"
#include "flow/shares.hpp"

namespace minerwall::flow {

struct Learned {
    IpAddress client;
    IpAddress server;        // all zero if only a name was learned
    Nanos until = 0;         // of the worker's clock
    std::uint32_t ttl = 0;   // seconds, at the time of learning
    std::uint16_t port = 0;  // 0: any
    LearnedFrom from = LearnedFrom::none;
    bool is_name = false;
    FixedText<70> name;  // that led to the address, or that was learned; no trailing dot
};
static_assert(sizeof(Learned) == 120);

class LearnedTable {
  public:
    // capacity: entries, rounded up to a power of two, at least 64. All workers share the secret.
    LearnedTable(std::uint32_t capacity, const HashKey& secret);

    // evicted: added in the place of an entry whose client has most.
    enum class Outcome : std::uint8_t { added, evicted, refreshed, full };
    // Owner only. A name longer than the field is not learned (`full`).
    Outcome learn(const Learned& entry, Nanos now) noexcept;
    // Owner only: forgets expired entries; looks at `slots` slots per call.
    void sweep(Nanos now, unsigned slots) noexcept;

    // Any thread. `port` 0 finds only entries for any port.
    bool find(const IpAddress& client, const IpAddress& server, std::uint16_t port, Nanos now,
              Learned& out) const noexcept;
    bool find_name(const IpAddress& client, std::string_view name, Nanos now,
                   Learned& out) const noexcept;

    std::uint32_t size() const noexcept { return size_.load(std::memory_order_relaxed); }
    // Any thread, slot by slot, for a listing: false if the slot is empty.
    std::uint32_t slots() const noexcept { return static_cast<std::uint32_t>(slots_.size()); }
    bool at(std::uint32_t slot, Learned& out) const noexcept { return read(slot, out); }

  private:
    static constexpr unsigned kBucket = 8;
    static constexpr unsigned kWords = sizeof(Learned) / sizeof(std::uint64_t);
    struct Slot {
        std::atomic<std::uint64_t> sequence;  // 0: never used; odd: being written
        std::atomic<std::uint64_t> word[kWords];
    };

    std::uint32_t bucket(const IpAddress& client, const IpAddress& server) const noexcept;
    static IpAddress stand_in(std::string_view name) noexcept;
    bool read(std::uint32_t slot, Learned& out) const noexcept;
    void write(std::uint32_t slot, const Learned& entry) noexcept;
    SourceId source_of(const Learned& entry) const noexcept {
        return flow::source_of(entry.client, secret_);
    }

    Pages<Slot> slots_;
    HashKey secret_;
    std::uint32_t mask_;  // of buckets
    std::uint32_t cursor_ = 0;
    std::atomic<std::uint32_t> size_{0};
    Shares shares_;  // entries by client; the owner's
};

}  // namespace minerwall::flow

// Addresses and names that were told to be pools', for the client that was told: by the DNS answer
// for a listed name, by a pool that sends its miner elsewhere, by a miner that names its pool.
//
// One table a worker: only its owner learns, every thread may ask. The flow that uses an address
// mostly belongs to another worker than the one that learned it, so a look-up goes over all
// workers' tables. Entries are read without locks: each has a sequence number that is odd while it
// is written (Boehm, "Can seqlocks get along with programming language memory models?").
//
// Bounded: buckets of eight. Where a bucket is full, an entry of the same client gives way, or
// nothing is learned; no client can push out what was learned of another.
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

namespace minerwall::flow {

struct Learned {
    IpAddress client;
    IpAddress server;        // all zero where only a name was learned
    Nanos until = 0;         // of the worker's clock
    std::uint32_t ttl = 0;   // seconds, when it was learned
    std::uint16_t port = 0;  // 0: any
    LearnedFrom from = LearnedFrom::none;
    bool is_name = false;
    FixedText<70> name;  // that led to the address, or that was learned; no dot at its end
};
static_assert(sizeof(Learned) == 120);

class LearnedTable {
  public:
    // capacity: entries, rounded up to a power of two, at least 64. The secret is the same for all
    // workers.
    LearnedTable(std::uint32_t capacity, const HashKey& secret);

    enum class Outcome : std::uint8_t { added, refreshed, full };
    // The owner only. A name longer than there is room for is not learned (`full`).
    Outcome learn(const Learned& entry, Nanos now) noexcept;
    // The owner only: forgets expired entries, looking at some slots a call.
    void sweep(Nanos now, unsigned slots) noexcept;

    // Any thread. `port` 0 asks for entries of any port only.
    bool find(const IpAddress& client, const IpAddress& server, std::uint16_t port, Nanos now,
              Learned& out) const noexcept;
    bool find_name(const IpAddress& client, std::string_view name, Nanos now,
                   Learned& out) const noexcept;

    std::uint32_t size() const noexcept { return size_.load(std::memory_order_relaxed); }
    // Any thread, slot by slot, for a listing: false where the slot is empty.
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

    Pages<Slot> slots_;
    HashKey secret_;
    std::uint32_t mask_;  // of buckets
    std::uint32_t cursor_ = 0;
    std::atomic<std::uint32_t> size_{0};
};

}  // namespace minerwall::flow

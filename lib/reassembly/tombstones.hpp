// Datagrams whose further pieces must not count as new ones: a set of keyed hashes, each with a
// reason and an end time. Fixed memory: in a full set of ways, the entry that ends first makes
// room.
//
// One thread writes. Any thread may ask, and may miss an entry that is just being written. The
// constructor allocates the memory.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>

#include "flow/memory.hpp"

namespace minerwall::reassembly {

class Tombstones {
  public:
    explicit Tombstones(std::uint32_t capacity)
        : slots_(std::bit_ceil(capacity < kWays ? kWays : capacity)),
          mask_(static_cast<std::uint32_t>(slots_.size()) / kWays - 1) {}

    // reason: not 0. hash: keyed, so that a stranger cannot choose which entry is evicted.
    void put(std::uint64_t hash, std::uint8_t reason, std::uint64_t until_ms) noexcept {
        Slot* set = &slots_[first_of(hash)];
        Slot* place = set;
        for (unsigned way = 0; way < kWays; ++way) {
            Slot& slot = set[way];
            if (slot.hash.load(std::memory_order_relaxed) == hash) {
                place = &slot;
                break;
            }
            if (slot.until() < place->until()) {
                place = &slot;
            }
        }
        place->hash.store(hash, std::memory_order_relaxed);
        place->state.store(until_ms << kReasonBits | reason, std::memory_order_relaxed);
    }

    // The reason, or 0 if there is none.
    std::uint8_t find(std::uint64_t hash, std::uint64_t now_ms) const noexcept {
        const Slot* set = &slots_[first_of(hash)];
        for (unsigned way = 0; way < kWays; ++way) {
            if (set[way].hash.load(std::memory_order_relaxed) == hash &&
                set[way].until() > now_ms) {
                return static_cast<std::uint8_t>(set[way].state.load(std::memory_order_relaxed));
            }
        }
        return 0;
    }

  private:
    static constexpr std::uint32_t kWays = 4;  // a cache line
    static constexpr unsigned kReasonBits = 8;
    // Zeroed pages are empty slots, because their time is over.
    struct Slot {
        std::atomic<std::uint64_t> hash;
        std::atomic<std::uint64_t> state;  // until when, and why

        std::uint64_t until() const noexcept {
            return state.load(std::memory_order_relaxed) >> kReasonBits;
        }
    };
    // The low half chooses the set; the whole hash is compared.
    std::size_t first_of(std::uint64_t hash) const noexcept {
        return std::size_t{static_cast<std::uint32_t>(hash) & mask_} * kWays;
    }

    flow::Pages<Slot> slots_;
    std::uint32_t mask_;
};

}  // namespace minerwall::reassembly

// Who holds how much of a bounded memory. A source is the host that caused an entry: an IPv4
// address or an IPv6 /64, hashed with the worker's secret. Sources with the same hash share.
//
// One worker's thread; fixed size, no allocation.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "base/address.hpp"
#include "flow/hash.hpp"

namespace minerwall::flow {

using SourceId = std::uint16_t;
inline constexpr std::uint32_t kSources = 4096;

// Keyed: nobody can choose an address that shares with a certain other one. An IPv6 host usually
// owns the lower half of its addresses.
inline SourceId source_of(const IpAddress& address, const HashKey& secret) noexcept {
    std::array<std::uint8_t, 16> owner = address.bytes;
    if (!address.is_v4()) {
        std::fill(owner.begin() + 8, owner.end(), std::uint8_t{0});
    }
    return static_cast<SourceId>(hash_key(owner, secret) % kSources);
}

class Shares {
  public:
    void take(SourceId source) noexcept { ++held_[source]; }
    void give_back(SourceId source) noexcept { --held_[source]; }
    std::uint32_t held(SourceId source) const noexcept { return held_[source]; }

    // True if the source may hold one more entry, while `free` entries are left: it must hold less
    // than that. So one greedy source gets half of a memory, n greedy ones 1/(n+1) each, and the
    // last part is left for others (Choudhury, Hahne: "Dynamic queue length thresholds").
    bool may_take(SourceId source, std::uint32_t free) const noexcept {
        return held_[source] < free;
    }
    // The size of what it holds, as a power of two: two sources count as equal within it.
    unsigned size_of(SourceId source) const noexcept {
        return static_cast<unsigned>(std::bit_width(held_[source]));
    }
    // The same with the entry that it asks for.
    unsigned size_with_one_more(SourceId source) const noexcept {
        return static_cast<unsigned>(std::bit_width(held_[source] + 1));
    }

  private:
    std::array<std::uint32_t, kSources> held_{};
};

}  // namespace minerwall::flow

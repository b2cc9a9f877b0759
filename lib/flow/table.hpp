// Per-worker flow table: preallocated, one flow for both directions, two-choice buckets of eight.
//
// One thread only (the worker that owns it). The constructor allocates all memory. If the table is
// full, insert() returns kNone. Then victim() names the flow that is cheapest to lose, if the new
// one may take its place; otherwise the caller forwards or drops, as declared.
#pragma once

#include <emmintrin.h>

#include <algorithm>
#include <bit>
#include <cstdint>

#include "flow/flow.hpp"
#include "flow/hash.hpp"
#include "flow/memory.hpp"
#include "flow/wheel.hpp"
#include "flow/worth.hpp"

namespace minerwall::flow {

struct Timeouts {  // seconds
    std::uint32_t tcp_fresh = 30;
    std::uint32_t tcp_established = 1800;
    std::uint32_t tcp_closed = 10;
    // For a closed or fresh flow whose bytes are still read: the reset or the SYN may be forged.
    // Inside a line tcp_established applies, so that a reset and a pause cannot split a message.
    std::uint32_t tcp_unfinished = 120;
    std::uint32_t udp_fresh = 30;
    std::uint32_t udp_established = 120;
    std::uint32_t other = 30;
};

// A flow's two addresses, by role.
struct Ends {
    IpAddress client, server;
};

class FlowTable {
    struct Addresses {
        IpAddress low, high;
    };

  public:
    // capacity: flows; rounded up to a power of two, at least 64.
    FlowTable(std::uint32_t capacity, const Timeouts& timeouts, const HashKey& secret);

    std::uint64_t hash(const FlowKey& key) const noexcept { return hash_flow(key, secret_); }
    void prefetch(std::uint64_t hash) const noexcept { __builtin_prefetch(&buckets_[first(hash)]); }
    // Prefetches the flow of the first matching tag: a guess that only warms the cache. wide: of
    // its key, FlowKey::is_wide().
    void prefetch_flow(std::uint64_t hash, bool wide) const noexcept;

    std::uint32_t find(const FlowKey& key, std::uint64_t hash) const noexcept;
    // For a flow that is not in the table yet; resets all its fields but the key. source: of the
    // packet that begins it. kNone: full.
    std::uint32_t insert(const FlowKey& key, std::uint64_t hash, Nanos now,
                         SourceId source = 0) noexcept;
    // After insert() failed: the flow that makes room for a new one of `source`. kNone: the new one
    // is the cheapest to lose. Compares about sixteen flows that the hash chooses. is_busy(id): the
    // flow may not end now; asked only for flows that were seen in this millisecond.
    template <typename IsBusy>
    std::uint32_t victim(std::uint64_t hash, Nanos now, SourceId source,
                         IsBusy&& is_busy) const noexcept;
    SourceId source_of(const IpAddress& address) const noexcept {
        return flow::source_of(address, secret_);
    }
    const Shares& shares() const noexcept { return shares_; }
    void erase(std::uint32_t id) noexcept;

    Flow& at(std::uint32_t id) noexcept { return flows_[id]; }
    const Flow& at(std::uint32_t id) const noexcept { return flows_[id]; }
    std::uint32_t id_of(const Flow& flow) const noexcept {
        return static_cast<std::uint32_t>(&flow - flows_.data());
    }
    // Another cache line: not for the packets of judged flows.
    FlowDetails& details(const Flow& flow) noexcept { return details_[id_of(flow)]; }
    const FlowDetails& details(const Flow& flow) const noexcept { return details_[id_of(flow)]; }

    // The key and the ends of a flow of this table; of IPv6, from an array of their own.
    FlowKey key(const Flow& flow) const noexcept;
    Ends ends(const Flow& flow) const noexcept {
        const bool straight = flow.has(Flow::client_is_low);
        if (flow.key.is_wide()) [[unlikely]] {
            const Addresses& both = wide_[id_of(flow)];
            return {straight ? both.low : both.high, straight ? both.high : both.low};
        }
        // Chosen before the addresses are made: a copy of what was just stored stalls.
        return {IpAddress::v4(straight ? flow.key.low : flow.key.high),
                IpAddress::v4(straight ? flow.key.high : flow.key.low)};
    }

    // One more packet of the flow. bytes: of the frame.
    void count(Flow& flow, Direction direction, std::uint32_t bytes) noexcept {
        std::uint32_t& packets = flow.packets[index(direction)];
        std::uint32_t& all_bytes = flow.bytes[index(direction)];
        ++packets;
        all_bytes += bytes;
        if (packets == 0 || all_bytes < bytes) [[unlikely]] {
            carry(flow, direction, packets == 0, all_bytes < bytes);
        }
    }
    std::uint64_t packets(const Flow& flow, Direction direction) const noexcept;
    std::uint64_t bytes(const Flow& flow, Direction direction) const noexcept;
    // A packet of the flow was dropped. dropped(): how many were; saturates at 65,535.
    void count_drop(Flow& flow) noexcept {
        if (++flow.dropped == 0) [[unlikely]] {
            std::uint16_t& carried = details(flow).dropped_carried;
            carried = static_cast<std::uint16_t>(std::min(carried + 256, UINT16_MAX));
        }
    }
    std::uint16_t dropped(const Flow& flow) const noexcept {
        return static_cast<std::uint16_t>(
            std::min(details(flow).dropped_carried + flow.dropped, UINT16_MAX));
    }
    std::uint32_t size() const noexcept { return size_; }
    std::uint32_t capacity() const noexcept { return capacity_; }

    // The table's clock. `now` must not go back by more than the wrap of 24 days.
    static std::uint32_t to_ms(Nanos now) noexcept {
        return static_cast<std::uint32_t>(now / kNanosPerMilli);
    }
    void touch(Flow& flow, Nanos now) noexcept { flow.last_seen_ms = to_ms(now); }
    // Call it when a flow changes to a state with a shorter timeout.
    void reschedule(std::uint32_t id) noexcept;
    std::uint32_t timeout_ms(const Flow& flow) const noexcept;
    void start_clock(Nanos now) noexcept { wheel_.start_at(to_ms(now)); }

    // Calls ended(id) for expired flows before it erases them; looks at no more than `budget`
    // flows. Returns how many it looked at.
    template <typename Ended>
    unsigned expire(Nanos now, unsigned budget, Ended&& ended) noexcept {
        const std::uint32_t now_ms = to_ms(now);
        return wheel_.advance(details_.data(), now_ms, budget, [&](std::uint32_t id) {
            Flow& flow = flows_[id];
            const std::uint32_t deadline = flow.last_seen_ms + timeout_ms(flow);
            if (static_cast<std::int32_t>(deadline - now_ms) <= 0) {
                ended(id);
                unlink(id);
            } else {
                wheel_.insert(details_.data(), id, deadline);
            }
        });
    }

    // Calls visit(id) for flows from bucket `cursor` on, until it visited `budget` flows or all.
    // Moves the cursor behind the last bucket it finished. visit may erase its flow. True: there
    // are more. Not for the path: shutdown, dumps.
    template <typename Visit>
    bool visit(std::size_t& cursor, unsigned budget, Visit&& visit) noexcept {
        unsigned visited = 0;
        for (; cursor < bucket_count_ && visited < budget; ++cursor) {
            for (unsigned s = 0; s < kSlots; ++s) {
                if (buckets_[cursor].id[s] != 0) {
                    ++visited;
                    visit(buckets_[cursor].id[s] - 1);
                }
            }
        }
        return cursor < bucket_count_;
    }

  private:
    static constexpr unsigned kSlots = 8;
    static constexpr std::uint32_t kShareOf = 4;  // one source may hold this part of the table
    struct alignas(64) Bucket {
        std::uint16_t tag[kSlots];
        std::uint32_t id[kSlots];  // plus one: zeroed pages are an empty table
        std::uint32_t unused[4];
    };
    static_assert(sizeof(Bucket) == 64);

    std::size_t first(std::uint64_t hash) const noexcept { return hash & (bucket_count_ - 1); }
    std::size_t second(std::uint64_t hash) const noexcept {
        return (hash >> 32) & (bucket_count_ - 1);
    }
    static std::uint16_t tag_of(std::uint64_t hash) noexcept {
        return static_cast<std::uint16_t>(hash >> 48);
    }
    std::uint32_t find_in(const Bucket& bucket, std::uint16_t tag, const KeyWords& words,
                          const FlowKey& key) const noexcept;
    void carry(Flow& flow, Direction direction, bool packets, bool bytes) noexcept;
    void unlink(std::uint32_t id) noexcept;  // from the buckets to the free list
    // A flow that may be lost, as victim() compares it.
    struct Candidate {
        std::uint32_t id = kNone;
        bool greedy;  // its source holds more than a share of the table
        Worth worth;
        unsigned size;  // Shares::size_of() its source
        std::uint32_t silent_ms;

        bool is_cheaper_than(const Candidate& other) const noexcept;
    };
    Candidate candidate(std::uint32_t id, std::uint32_t now_ms) const noexcept;
    // Whether the cheapest flow of a sample may be lost before those of a greedy source. Otherwise
    // it is a connection that waits for its answer, among those of somebody who took the table.
    // cheap: flows of the sample without a living connection, of `seen`.
    static bool is_flooded(const Candidate& best, unsigned cheap, unsigned seen) noexcept;
    bool may_replace(const Candidate& old, SourceId source, bool flooded) const noexcept;
    bool is_greedy(SourceId source) const noexcept {
        return shares_.held(source) > capacity_ / kShareOf;
    }

    std::uint32_t capacity_;
    std::size_t bucket_count_;
    Pages<Bucket> buckets_;
    Pages<Flow> flows_;
    Pages<FlowDetails> details_;
    // Of flows whose key is_wide(). Pages that no IPv6 flow needs stay untouched.
    Pages<Addresses> wide_;
    Pages<std::uint32_t> free_;
    std::uint32_t free_count_ = 0;
    std::uint32_t fresh_ = 0;
    std::uint32_t size_ = 0;
    Timeouts timeouts_;
    HashKey secret_;
    Shares shares_;
    Wheel wheel_;
};

// Always inline: with link-time optimisation, g++ 12 takes this for a function without effect and
// deletes the calls together with the prefetches.
[[gnu::always_inline]] inline void FlowTable::prefetch_flow(std::uint64_t hash,
                                                            bool wide) const noexcept {
    const Bucket& bucket = buckets_[first(hash)];
    const __m128i tags = _mm_load_si128(reinterpret_cast<const __m128i*>(bucket.tag));
    const __m128i equal = _mm_cmpeq_epi16(tags, _mm_set1_epi16(static_cast<short>(tag_of(hash))));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(equal));
    if (mask != 0) {
        const std::uint32_t id = bucket.id[static_cast<unsigned>(std::countr_zero(mask)) / 2];
        if (id != 0) {
            __builtin_prefetch(&flows_[id - 1]);
            if (wide) [[unlikely]] {
                __builtin_prefetch(&wide_[id - 1]);
            }
        }
    } else {
        __builtin_prefetch(&buckets_[second(hash)]);
    }
}

template <typename IsBusy>
std::uint32_t FlowTable::victim(std::uint64_t hash, Nanos now, SourceId source,
                                IsBusy&& is_busy) const noexcept {
    const std::uint32_t now_ms = to_ms(now);
    const std::size_t own[2] = {first(hash), second(hash)};
    const auto is_full = [this](std::size_t bucket) {
        return std::find(std::begin(buckets_[bucket].id), std::end(buckets_[bucket].id), 0u) ==
               std::end(buckets_[bucket].id);
    };
    // If both buckets are full, only one of their own flows makes room.
    const unsigned looks = is_full(own[0]) && is_full(own[1]) ? 2 : 4;
    Candidate best, greedy;  // the cheapest of all, and of greedy sources
    unsigned seen = 0, cheap = 0;
    const auto take = [](Candidate& old, const Candidate& one) {
        if (old.id == kNone || one.is_cheaper_than(old)) {
            old = one;
        }
    };
    for (unsigned look = 0; look < looks; ++look) {
        const Bucket& bucket = buckets_[own[look % 2] ^ look / 2];
        for (const std::uint32_t place : bucket.id) {
            if (place == 0) {
                continue;
            }
            const Candidate one = candidate(place - 1, now_ms);
            if (one.silent_ms == 0 && is_busy(one.id)) {
                continue;
            }
            ++seen;
            cheap += one.worth <= Worth::brief ? 1 : 0;
            take(best, one);
            if (one.greedy) {
                take(greedy, one);
            }
        }
    }
    const bool flooded = is_flooded(best, cheap, seen);
    if (greedy.id != kNone && !flooded) {
        best = greedy;
    }
    return best.id != kNone && may_replace(best, source, flooded) ? best.id : kNone;
}

}  // namespace minerwall::flow

#include "flow/table.hpp"

#include <emmintrin.h>

#include <algorithm>
#include <bit>

#include "packet/headers.hpp"

namespace minerwall::flow {
namespace {

// Occupied slots of a bucket.
unsigned load_of(const std::uint32_t (&id)[8]) noexcept {
    unsigned n = 0;
    for (const std::uint32_t i : id) {
        n += i != 0;
    }
    return n;
}

}  // namespace

FlowTable::FlowTable(std::uint32_t capacity, const Timeouts& timeouts, const HashKey& secret)
    : capacity_(std::bit_ceil(std::clamp<std::uint32_t>(capacity, 64, 1u << 28))),
      // Four flows per bucket of eight: with two choices, fewer than one table in a million
      // overflows a bucket before the table is full.
      bucket_count_(capacity_ / 4),
      buckets_(bucket_count_),
      flows_(capacity_),
      free_(capacity_),
      timeouts_(timeouts),
      secret_(secret) {}

std::uint32_t FlowTable::find_in(const Bucket& bucket, std::uint16_t tag,
                                 const FlowKey& key) const noexcept {
    const __m128i tags = _mm_load_si128(reinterpret_cast<const __m128i*>(bucket.tag));
    const __m128i equal = _mm_cmpeq_epi16(tags, _mm_set1_epi16(static_cast<short>(tag)));
    auto mask = static_cast<unsigned>(_mm_movemask_epi8(equal));
    while (mask != 0) {
        const unsigned slot = static_cast<unsigned>(std::countr_zero(mask)) / 2;
        const std::uint32_t id = bucket.id[slot];
        if (id != 0 && flows_[id - 1].key == key) {
            return id - 1;
        }
        mask &= ~(3u << (slot * 2));
    }
    return kNone;
}

std::uint32_t FlowTable::find(const FlowKey& key, std::uint64_t hash) const noexcept {
    const std::uint16_t tag = tag_of(hash);
    const std::uint32_t id = find_in(buckets_[first(hash)], tag, key);
    return id != kNone ? id : find_in(buckets_[second(hash)], tag, key);
}

std::uint32_t FlowTable::insert(const FlowKey& key, std::uint64_t hash, Nanos now) noexcept {
    // Prefer the first bucket while it has room, so that most look-ups touch only one line.
    constexpr unsigned kComfortable = 6;
    Bucket* bucket = &buckets_[first(hash)];
    if (const unsigned load = load_of(bucket->id); load >= kComfortable) {
        Bucket* other = &buckets_[second(hash)];
        if (load_of(other->id) < load) {
            bucket = other;
        }
    }
    const auto* slot = std::find(std::begin(bucket->id), std::end(bucket->id), 0u);
    if (slot == std::end(bucket->id) || size_ == capacity_) {
        return kNone;
    }
    const std::uint32_t id = free_count_ > 0 ? free_[--free_count_] : fresh_++;
    const auto position = slot - std::begin(bucket->id);
    bucket->id[position] = id + 1;
    bucket->tag[position] = tag_of(hash);
    ++size_;

    Flow& flow = flows_[id];
    flow = Flow{};
    flow.key = key;
    flow.last_seen_ms = to_ms(now);
    flow.rule = 0xffff;
    flow.inspection = flow.name = flow.finding = kNone;
    flow.first_seen = now;
    wheel_.insert(flows_.data(), id, flow.last_seen_ms + timeout_ms(flow));
    return id;
}

void FlowTable::unlink(std::uint32_t id) noexcept {
    const std::uint64_t hash = hash_key(flows_[id].key, secret_);
    for (Bucket* bucket : {&buckets_[first(hash)], &buckets_[second(hash)]}) {
        for (std::uint32_t& slot : bucket->id) {
            if (slot == id + 1) {
                slot = 0;
                free_[free_count_++] = id;
                --size_;
                return;
            }
        }
    }
}

void FlowTable::erase(std::uint32_t id) noexcept {
    wheel_.remove(flows_.data(), id);
    unlink(id);
}

void FlowTable::reschedule(std::uint32_t id) noexcept {
    const Flow& flow = flows_[id];
    wheel_.remove(flows_.data(), id);
    wheel_.insert(flows_.data(), id, flow.last_seen_ms + timeout_ms(flow));
}

std::uint32_t FlowTable::timeout_ms(const Flow& flow) const noexcept {
    std::uint32_t seconds = timeouts_.other;
    if (flow.key.ip_proto == 6) {
        seconds = flow.state == FlowState::established ? timeouts_.tcp_established
                  : flow.state == FlowState::closed    ? timeouts_.tcp_closed
                                                       : timeouts_.tcp_fresh;
        if (flow.state != FlowState::established && flow.inspection != kNone) {
            seconds = std::max(seconds, flow.has(Flow::torn) ? timeouts_.tcp_established
                                                             : timeouts_.tcp_unfinished);
        }
    } else if (flow.key.ip_proto == 17) {
        seconds =
            flow.state == FlowState::established ? timeouts_.udp_established : timeouts_.udp_fresh;
    }
    return seconds * 1000;
}

}  // namespace minerwall::flow

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
      details_(capacity_),
      wide_(capacity_),
      free_(capacity_),
      timeouts_(timeouts),
      secret_(secret) {}

inline std::uint32_t FlowTable::find_in(const Bucket& bucket, std::uint16_t tag,
                                        const KeyWords& words, const FlowKey& key) const noexcept {
    const __m128i tags = _mm_load_si128(reinterpret_cast<const __m128i*>(bucket.tag));
    const __m128i equal = _mm_cmpeq_epi16(tags, _mm_set1_epi16(static_cast<short>(tag)));
    auto mask = static_cast<unsigned>(_mm_movemask_epi8(equal));
    while (mask != 0) {
        const unsigned slot = static_cast<unsigned>(std::countr_zero(mask)) / 2;
        const std::uint32_t id = bucket.id[slot];
        if (id != 0 && words.are_of(flows_[id - 1].key) &&
            (!words.wide || (wide_[id - 1].low == key.low && wide_[id - 1].high == key.high))) {
            return id - 1;
        }
        mask &= ~(3u << (slot * 2));
    }
    return kNone;
}

std::uint32_t FlowTable::find(const FlowKey& key, std::uint64_t hash) const noexcept {
    const std::uint16_t tag = tag_of(hash);
    const KeyWords words(key);
    const std::uint32_t id = find_in(buckets_[first(hash)], tag, words, key);
    return id != kNone ? id : find_in(buckets_[second(hash)], tag, words, key);
}

std::uint32_t FlowTable::insert(const FlowKey& key, std::uint64_t hash, Nanos now,
                                SourceId source) noexcept {
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
    flow.key = CompactKey::of(key);
    if (flow.key.is_wide()) {
        wide_[id] = {key.low, key.high};
    }
    flow.last_seen_ms = to_ms(now);
    flow.rule = 0xffff;
    flow.inspection = kNone;
    FlowDetails& details = details_[id];
    details = FlowDetails{};
    details.name = details.finding = kNone;
    details.first_seen = now;
    details.source = source;
    shares_.take(source);
    wheel_.insert(details_.data(), id, flow.last_seen_ms + timeout_ms(flow));
    return id;
}

void FlowTable::unlink(std::uint32_t id) noexcept {
    const std::uint64_t hash = hash_flow(key(flows_[id]), secret_);
    for (Bucket* bucket : {&buckets_[first(hash)], &buckets_[second(hash)]}) {
        for (std::uint32_t& slot : bucket->id) {
            if (slot == id + 1) {
                slot = 0;
                shares_.give_back(details_[id].source);
                free_[free_count_++] = id;
                --size_;
                return;
            }
        }
    }
}

void FlowTable::erase(std::uint32_t id) noexcept {
    wheel_.remove(details_.data(), id);
    unlink(id);
}

void FlowTable::reschedule(std::uint32_t id) noexcept {
    const Flow& flow = flows_[id];
    wheel_.remove(details_.data(), id);
    wheel_.insert(details_.data(), id, flow.last_seen_ms + timeout_ms(flow));
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

FlowKey FlowTable::key(const Flow& flow) const noexcept {
    FlowKey key;
    if (flow.key.is_wide()) {
        const Addresses& wide = wide_[id_of(flow)];
        key.low = wide.low;
        key.high = wide.high;
    } else {
        key.low = IpAddress::v4(flow.key.low);
        key.high = IpAddress::v4(flow.key.high);
    }
    key.low_port = flow.key.low_port;
    key.high_port = flow.key.high_port;
    key.vlan = flow.key.vlan;
    key.inner_vlan = flow.key.inner_vlan;
    key.ip_proto = flow.key.ip_proto;
    key.wire_and_tunnel = static_cast<std::uint8_t>(flow.key.wire_and_tunnel & ~CompactKey::kWide);
    return key;
}

namespace {

// The end that sends in a direction: 0 low, 1 high. It stays where roles are swapped.
unsigned sender_of(const Flow& flow, Direction direction) noexcept {
    return flow.has(Flow::client_is_low) == (direction == Direction::to_server) ? 0 : 1;
}

}  // namespace

void FlowTable::carry(Flow& flow, Direction direction, bool packets, bool bytes) noexcept {
    FlowDetails& more = details(flow);
    if (packets) {
        ++more.packets_carried[sender_of(flow, direction)];
        flow.packets[index(direction)] = 1;
    }
    if (bytes) {
        ++more.bytes_carried[sender_of(flow, direction)];
    }
}

std::uint64_t FlowTable::packets(const Flow& flow, Direction direction) const noexcept {
    return details(flow).packets_carried[sender_of(flow, direction)] * std::uint64_t{UINT32_MAX} +
           flow.packets[index(direction)];
}

std::uint64_t FlowTable::bytes(const Flow& flow, Direction direction) const noexcept {
    return (std::uint64_t{details(flow).bytes_carried[sender_of(flow, direction)]} << 32) +
           flow.bytes[index(direction)];
}

}  // namespace minerwall::flow

#include "flow/learned.hpp"

#include <algorithm>
#include <bit>
#include <type_traits>

namespace minerwall::flow {
namespace {

std::uint32_t buckets_for(std::uint32_t capacity) noexcept {
    return std::bit_ceil(std::max<std::uint32_t>(capacity, 64)) / 8;
}

bool same_target(const Learned& a, const Learned& b) noexcept {
    return a.client == b.client && a.is_name == b.is_name && a.port == b.port &&
           (a.is_name ? a.name.view() == b.name.view() : a.server == b.server);
}

}  // namespace

LearnedTable::LearnedTable(std::uint32_t capacity, const HashKey& secret)
    : slots_(std::size_t{buckets_for(capacity)} * kBucket),
      secret_(secret),
      mask_(buckets_for(capacity) - 1) {}

std::uint32_t LearnedTable::bucket(const IpAddress& client,
                                   const IpAddress& server) const noexcept {
    FlowKey key{};
    key.low = client;
    key.high = server;
    return static_cast<std::uint32_t>(hash_key(key, secret_)) & mask_;
}

// The key of a name, in place of an address. It need not be unique, because names are compared as
// texts; a keyed hash over it (FNV-1a, Fowler, Noll, Vo) chooses the bucket.
IpAddress LearnedTable::stand_in(std::string_view name) noexcept {
    std::uint64_t h = 0xcbf29ce484222325ULL;
    for (const char c : name) {
        h = (h ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
    }
    IpAddress out{};
    std::memcpy(out.bytes.data(), &h, sizeof h);
    return out;
}

bool LearnedTable::read(std::uint32_t slot, Learned& out) const noexcept {
    const Slot& from = slots_[slot];
    for (unsigned attempt = 0; attempt < 4; ++attempt) {
        const std::uint64_t before = from.sequence.load(std::memory_order_acquire);
        if (before == 0) {
            return false;
        }
        if ((before & 1) != 0) {
            continue;
        }
        std::uint64_t words[kWords];
        for (unsigned i = 0; i < kWords; ++i) {
            words[i] = from.word[i].load(std::memory_order_relaxed);
        }
        std::atomic_thread_fence(std::memory_order_acquire);
        if (from.sequence.load(std::memory_order_relaxed) == before) {
            std::memcpy(static_cast<void*>(&out), words, sizeof out);
            return out.from != LearnedFrom::none;
        }
    }
    return false;  // the owner replaces it again and again: treat it as absent
}

void LearnedTable::write(std::uint32_t slot, const Learned& entry) noexcept {
    static_assert(std::is_trivially_copyable_v<Learned>);
    std::uint64_t words[kWords];
    std::memcpy(words, &entry, sizeof entry);
    Slot& to = slots_[slot];
    const std::uint64_t before = to.sequence.load(std::memory_order_relaxed);
    to.sequence.store(before + 1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    for (unsigned i = 0; i < kWords; ++i) {
        to.word[i].store(words[i], std::memory_order_relaxed);
    }
    to.sequence.store(before + 2, std::memory_order_release);
}

LearnedTable::Outcome LearnedTable::learn(const Learned& entry, Nanos now) noexcept {
    if (entry.name.truncated() || (entry.is_name && entry.name.empty())) {
        return Outcome::full;
    }
    const std::uint32_t first =
        bucket(entry.client, entry.is_name ? stand_in(entry.name.view()) : entry.server) * kBucket;
    constexpr std::uint32_t kNoSlot = 0xffffffff;
    std::uint32_t empty = kNoSlot;
    std::uint32_t expired = kNoSlot;
    std::uint32_t own = kNoSlot;  // of the same client, the one that expires first
    Nanos own_until = 0;
    std::uint32_t largest = kNoSlot;  // of the client that has most
    const SourceId source = source_of(entry);
    unsigned most = shares_.size_with_one_more(source);
    for (std::uint32_t slot = first; slot < first + kBucket; ++slot) {
        Learned known;
        if (!read(slot, known)) {
            empty = empty == kNoSlot ? slot : empty;
            continue;
        }
        if (same_target(known, entry)) {
            Learned fresh = entry;
            fresh.until = std::max(known.until, entry.until);
            write(slot, fresh);
            return known.until > now ? Outcome::refreshed : Outcome::added;
        }
        if (known.until <= now) {
            expired = expired == kNoSlot ? slot : expired;
        } else if (known.client == entry.client && (own == kNoSlot || known.until < own_until)) {
            own = slot;
            own_until = known.until;
        } else if (const unsigned other = shares_.size_of(source_of(known)); other > most) {
            largest = slot;
            most = other;
        }
    }
    const std::uint32_t slot = empty != kNoSlot     ? empty
                               : expired != kNoSlot ? expired
                               : largest != kNoSlot ? largest
                                                    : own;
    if (slot == kNoSlot) {
        return Outcome::full;
    }
    if (Learned old; slot != empty && read(slot, old)) {
        shares_.give_back(source_of(old));
    }
    shares_.take(source);
    write(slot, entry);
    if (slot == empty) {
        size_.store(size() + 1, std::memory_order_relaxed);
    }
    return slot == largest ? Outcome::evicted : Outcome::added;
}

void LearnedTable::sweep(Nanos now, unsigned slots) noexcept {
    if (size() == 0) {
        return;
    }
    for (; slots != 0; --slots) {
        const std::uint32_t slot = cursor_++ & (this->slots() - 1);
        Learned known;
        if (read(slot, known) && known.until <= now) {
            shares_.give_back(source_of(known));
            write(slot, Learned{});
            size_.store(size() - 1, std::memory_order_relaxed);
        }
    }
}

bool LearnedTable::find(const IpAddress& client, const IpAddress& server, std::uint16_t port,
                        Nanos now, Learned& out) const noexcept {
    if (size() == 0) {
        return false;
    }
    const std::uint32_t first = bucket(client, server) * kBucket;
    for (std::uint32_t slot = first; slot < first + kBucket; ++slot) {
        if (read(slot, out) && !out.is_name && out.client == client && out.server == server &&
            (out.port == 0 || out.port == port) && out.until > now) {
            return true;
        }
    }
    return false;
}

bool LearnedTable::find_name(const IpAddress& client, std::string_view name, Nanos now,
                             Learned& out) const noexcept {
    if (size() == 0 || name.empty()) {
        return false;
    }
    const std::uint32_t first = bucket(client, stand_in(name)) * kBucket;
    for (std::uint32_t slot = first; slot < first + kBucket; ++slot) {
        if (read(slot, out) && out.is_name && out.client == client && out.name.view() == name &&
            out.until > now) {
            return true;
        }
    }
    return false;
}

}  // namespace minerwall::flow

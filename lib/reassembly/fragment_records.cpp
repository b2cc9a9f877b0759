// The table's records: how they are found, opened, kept by age and source, and forgotten when room
// runs out.
#include <algorithm>
#include <bit>

#include "reassembly/fragments.hpp"

namespace minerwall::reassembly {
namespace {

constexpr std::uint32_t kSources = 1024;      // sources with the same hash share one limit
constexpr std::uint32_t kTombstones = 16384;  // 256 KiB: one burst of evictions cannot flush them

}  // namespace

FragmentTable::FragmentTable(const FragmentLimits& limits, const flow::HashKey& secret)
    : secret_(secret),
      timeout_ms_(limits.timeout_ms),
      most_datagrams_(std::max(1u, limits.datagrams / kShareOf)),
      most_blocks_(0),
      datagrams_(std::max(1u, limits.datagrams)),
      blocks_(std::max<std::uint32_t>(
          kBlocksPerDatagram,
          static_cast<std::uint32_t>(std::uint64_t{limits.memory_kb} * 1024 / sizeof(Block)))),
      buckets_(std::bit_ceil(std::size_t{datagrams_.capacity()} * 2)),
      sources_(kSources),
      seen_(kSources),
      tombstones_(kTombstones) {
    most_blocks_ = std::max(kBlocksPerDatagram, blocks_.capacity() / kShareOf);
    std::fill_n(sources_.data(), sources_.size(), Source{});
}

template <FragmentTable::Neighbours FragmentTable::Datagram::*kOrder>
void FragmentTable::append(List& list, std::uint32_t id) noexcept {
    datagrams_.at(id).*kOrder = {list.last, flow::kNone};
    (list.last == flow::kNone ? list.first : (datagrams_.at(list.last).*kOrder).next) = id;
    list.last = id;
}

template <FragmentTable::Neighbours FragmentTable::Datagram::*kOrder>
void FragmentTable::remove(List& list, std::uint32_t id) noexcept {
    const Neighbours around = datagrams_.at(id).*kOrder;
    (around.previous == flow::kNone ? list.first : (datagrams_.at(around.previous).*kOrder).next) =
        around.next;
    (around.next == flow::kNone ? list.last : (datagrams_.at(around.next).*kOrder).previous) =
        around.previous;
}

// An IPv6 host usually owns the lower half of its addresses.
std::uint32_t FragmentTable::source_of(const IpAddress& src) const noexcept {
    std::array<std::uint8_t, 16> owner = src.bytes;
    if (!src.is_v4()) {
        std::fill(owner.begin() + 8, owner.end(), std::uint8_t{0});
    }
    return static_cast<std::uint32_t>(flow::hash_key(owner, secret_)) % kSources;
}

std::uint32_t FragmentTable::find(const FragmentKey& key, std::uint64_t hash) const noexcept {
    std::uint32_t id = buckets_[hash & (buckets_.size() - 1)] - 1;
    while (id != flow::kNone &&
           (datagrams_.at(id).hash != hash || !(datagrams_.at(id).key == key))) {
        id = datagrams_.at(id).next_in_bucket;
    }
    return id;
}

std::uint32_t FragmentTable::open(const FragmentKey& key, std::uint64_t hash,
                                  const FragmentTreatment& treatment,
                                  std::uint64_t now_ms) noexcept {
    const std::uint32_t s = source_of(key.src);
    if (sources_[s].count >= most_datagrams_) {
        curse(sources_[s].datagrams.first, Outcome::over_share, now_ms);
    }
    std::uint32_t id = datagrams_.take();
    if (id == flow::kNone) {
        (void)make_room(flow::kNone, now_ms);
        id = datagrams_.take();
    }
    Datagram& datagram = datagrams_.at(id);
    datagram.key = key;
    datagram.hash = hash;
    datagram.last_ms = now_ms;
    datagram.source = s;
    ++datagram.generation;  // never reset: each use of the record has a new one
    datagram.units = datagram.end = 0;
    datagram.total = kNoTotal;
    datagram.blocks = 0;
    datagram.first_seen = datagram.source_routed = datagram.whole = false;
    datagram.pieces = datagram.repeats = 0;
    datagram.first_ms = static_cast<std::uint32_t>(now_ms);
    datagram.mark = treatment.mark;
    datagram.seen = treatment.seen;
    datagram.uniform = true;
    std::fill(std::begin(datagram.block), std::end(datagram.block), flow::kNone);
    std::uint32_t& bucket = buckets_[hash & (buckets_.size() - 1)];
    datagram.next_in_bucket = bucket - 1;
    bucket = id + 1;
    append<&Datagram::by_age>(waiting_, id);
    append<&Datagram::by_source>(sources_[s].datagrams, id);
    ++sources_[s].count;
    return id;
}

void FragmentTable::forget(std::uint32_t id) noexcept {
    Datagram& datagram = datagrams_.at(id);
    for (std::uint32_t b = 0; b < kBlocksPerDatagram && datagram.blocks != 0; ++b) {
        if (datagram.block[b] != flow::kNone) {
            blocks_.give_back(datagram.block[b]);
            --datagram.blocks;
            if (!datagram.whole) {
                --sources_[datagram.source].blocks;
            }
        }
    }
    if (!datagram.whole) {
        remove<&Datagram::by_source>(sources_[datagram.source].datagrams, id);
        --sources_[datagram.source].count;
    }
    remove<&Datagram::by_age>(datagram.whole ? whole_ : waiting_, id);
    std::uint32_t& bucket = buckets_[datagram.hash & (buckets_.size() - 1)];
    if (bucket == id + 1) {
        bucket = datagram.next_in_bucket + 1;
    } else {
        std::uint32_t before = bucket - 1;
        while (datagrams_.at(before).next_in_bucket != id) {
            before = datagrams_.at(before).next_in_bucket;
        }
        datagrams_.at(before).next_in_bucket = datagram.next_in_bucket;
    }
    ++datagram.generation;
    datagrams_.give_back(id);
}

void FragmentTable::curse(std::uint32_t id, Outcome why, std::uint64_t now_ms) noexcept {
    tombstones_.put(datagrams_.at(id).hash, static_cast<std::uint8_t>(why), now_ms + timeout_ms_);
    forget(id);
}

// Forgets one datagram, but not `keep`. False if there is none.
bool FragmentTable::make_room(std::uint32_t keep, std::uint64_t now_ms) noexcept {
    if (whole_.first != flow::kNone) {
        // It was judged and forwarded, so new pieces with its name most likely belong to another
        // datagram.
        forget(whole_.first);
        return true;
    }
    std::uint32_t id = waiting_.first;
    if (id != flow::kNone && id == keep) {
        id = datagrams_.at(id).by_age.next;
    }
    if (id == flow::kNone) {
        return false;
    }
    curse(id, Outcome::full, now_ms);
    return true;
}

// Makes room for `blocks` of a datagram. False if there cannot be room.
bool FragmentTable::reserve(std::uint32_t id, std::uint32_t blocks, std::uint64_t now_ms) noexcept {
    Source& source = sources_[datagrams_.at(id).source];
    // The source's older datagrams go first. To free a block costs no more than it did to take it.
    while (source.blocks + blocks > most_blocks_ && source.datagrams.first != id) {
        curse(source.datagrams.first, Outcome::over_share, now_ms);
    }
    while (blocks_.capacity() - blocks_.in_use() < blocks) {
        if (!make_room(id, now_ms)) {
            return false;
        }
    }
    return true;
}

// From now on the datagram may make room for others and does not count for its source.
void FragmentTable::complete(std::uint32_t id) noexcept {
    Datagram& datagram = datagrams_.at(id);
    Source& source = sources_[datagram.source];
    remove<&Datagram::by_source>(source.datagrams, id);
    --source.count;
    source.blocks -= datagram.blocks;
    remove<&Datagram::by_age>(waiting_, id);
    datagram.whole = true;
    append<&Datagram::by_age>(whole_, id);
}

void FragmentTable::touch(std::uint32_t id, std::uint64_t now_ms) noexcept {
    Datagram& datagram = datagrams_.at(id);
    datagram.last_ms = now_ms;
    List& list = datagram.whole ? whole_ : waiting_;
    remove<&Datagram::by_age>(list, id);
    append<&Datagram::by_age>(list, id);
}

}  // namespace minerwall::reassembly

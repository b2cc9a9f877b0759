#include "reassembly/fragments.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace minerwall::reassembly {
namespace {

std::uint64_t to_ms(Nanos now) noexcept {
    return now / kNanosPerMilli;
}

// `count` bits, starting at `first`.
std::uint64_t bits(std::uint32_t first, std::uint32_t count) noexcept {
    return (count == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1) << first;
}

// The part of a piece that lies in one block.
struct Slice {
    std::uint32_t block;    // index in the datagram
    std::uint32_t unit;     // the first one, in the block
    std::uint64_t mask;     // its units
    std::uint32_t from, n;  // bytes of the piece
};

template <std::uint32_t kBlockBytes, typename Visit>
void for_each_slice(std::uint32_t offset, std::uint32_t length, Visit&& visit) noexcept {
    for (std::uint32_t from = 0; from < length;) {
        const std::uint32_t at = offset + from;
        const std::uint32_t inside = at % kBlockBytes;
        const std::uint32_t n = std::min(length - from, kBlockBytes - inside);
        if (!visit(Slice{at / kBlockBytes, inside / 8, bits(inside / 8, (n + 7) / 8), from, n})) {
            return;
        }
        from += n;
    }
}

}  // namespace

bool FragmentTable::contradicts(const Datagram& datagram,
                                const packet::FragmentPart& part) const noexcept {
    if (datagram.total != kNoTotal) {
        if (part.end() > datagram.total || (!part.more && part.end() != datagram.total)) {
            return true;
        }
    } else if (!part.more && part.end() < datagram.end) {
        return true;
    }
    // Two first pieces that give the same bytes different meanings.
    return part.offset == 0 && datagram.first_seen &&
           (datagram.ip_proto != part.ip_proto || datagram.source_routed != part.source_routed);
}

// Whether all bytes that we already hold are equal. Counts the blocks that the rest needs.
bool FragmentTable::compare(const Datagram& datagram, const packet::FragmentPart& part, Bytes data,
                            std::uint32_t& missing_blocks) const noexcept {
    bool same = true;
    missing_blocks = 0;
    for_each_slice<kBlockBytes>(part.offset, part.length, [&](const Slice& slice) {
        const std::uint32_t b = datagram.block[slice.block];
        if (b == flow::kNone) {
            ++missing_blocks;
            return true;
        }
        const Block& block = blocks_.at(b);
        const std::uint8_t* held = block.data + slice.unit * kUnit;
        std::uint64_t both = block.have & slice.mask;
        if (both == slice.mask) {
            same = std::memcmp(held, data.data() + slice.from, slice.n) == 0;
            return same;
        }
        for (; both != 0 && same; both &= both - 1) {
            const auto unit = static_cast<std::uint32_t>(std::countr_zero(both)) - slice.unit;
            const std::uint32_t n = std::min(kUnit, slice.n - unit * kUnit);
            same =
                std::memcmp(held + unit * kUnit, data.data() + slice.from + unit * kUnit, n) == 0;
        }
        return same;
    });
    return same;
}

void FragmentTable::store(Datagram& datagram, const packet::FragmentPart& part,
                          Bytes data) noexcept {
    const std::uint32_t before = datagram.units;
    for_each_slice<kBlockBytes>(part.offset, part.length, [&](const Slice& slice) {
        std::uint32_t& b = datagram.block[slice.block];
        if (b == flow::kNone) {
            b = blocks_.take();
            blocks_.at(b).have = 0;
            ++datagram.blocks;
            ++sources_[datagram.source].blocks;
        }
        Block& block = blocks_.at(b);
        std::memcpy(block.data + slice.unit * kUnit, data.data() + slice.from, slice.n);
        datagram.units += static_cast<std::uint32_t>(std::popcount(slice.mask & ~block.have));
        block.have |= slice.mask;
        return true;
    });
    const std::uint32_t news = datagram.units - before;
    datagram.pieces = static_cast<std::uint16_t>(datagram.pieces + (news != 0 ? 1 : 0));
    // Receivers treat an overlap differently, and one of them may keep a copy.
    datagram.uniform = datagram.uniform && news == (part.length + kUnit - 1) / kUnit;
    datagram.end = std::max(datagram.end, part.end());
    if (!part.more) {
        datagram.total = part.end();
    }
    if (part.offset == 0) {
        datagram.first_seen = true;
        datagram.ip_proto = part.ip_proto;
        datagram.source_routed = part.source_routed;
    }
}

// Records what a piece tells about the datagram: whether a receiver gets all of its pieces or none.
void FragmentTable::weigh(Datagram& datagram, const FragmentTreatment& treatment,
                          std::uint64_t now_ms) noexcept {
    datagram.uniform = datagram.uniform && treatment.plain && treatment.mark == datagram.mark &&
                       treatment.seen - datagram.seen <= kMostBetween &&
                       static_cast<std::uint32_t>(now_ms) - datagram.first_ms <= kLongestMs;
    datagram.seen = treatment.seen + 1;
}

// Whether no receiver still holds a piece of it: every receiver has assembled it, or got none of
// it. The exception is a loss that its sender cannot cause at will.
bool FragmentTable::is_spent(const Datagram& datagram, std::uint64_t now_ms) const noexcept {
    return datagram.whole && datagram.uniform && datagram.pieces <= kMostPieces &&
           now_ms - datagram.last_ms >= kOvertakingMs;
}

bool FragmentTable::can_repeat(const Datagram& datagram, std::uint64_t now_ms) noexcept {
    const std::uint64_t passed = std::min(now_ms - repeated_ms_, kRepeatedAtOnce / kRepeatedPerMs);
    repeated_ms_ = now_ms;
    repeat_budget_ = std::min(kRepeatedAtOnce, repeat_budget_ + passed * kRepeatedPerMs);
    if (datagram.repeats >= datagram.pieces * kRepeatsPerPiece + kMoreRepeats ||
        repeat_budget_ < datagram.total) {
        return false;
    }
    repeat_budget_ -= datagram.total;
    return true;
}

// A piece of a whole datagram that brings the same bytes again.
FragmentTable::Added FragmentTable::repeat(std::uint32_t id, std::uint64_t now_ms) noexcept {
    Datagram& datagram = datagrams_.at(id);
    if (!can_repeat(datagram, now_ms)) {
        return {Outcome::conflict, flow::kNone};
    }
    ++datagram.repeats;
    datagram.uniform = false;  // a receiver may keep it as the start of a second copy
    touch(id, now_ms);
    return {Outcome::complete, id};
}

FragmentTable::Added FragmentTable::add(const FragmentKey& key, std::uint64_t hash,
                                        const packet::FragmentPart& part, Bytes data,
                                        const FragmentTreatment& treatment, Nanos now) noexcept {
    const std::uint64_t now_ms = to_ms(now);
    if (const std::uint8_t why = tombstones_.find(hash, now_ms); why != 0) {
        return {static_cast<Outcome>(why), flow::kNone};
    }
    std::uint32_t id = find(key, hash);
    if (id != flow::kNone && is_over(datagrams_.at(id), now_ms)) {
        forget(id);
        id = flow::kNone;
    }
    if (id == flow::kNone) {
        id = open(key, hash, treatment, now_ms);
    }
    std::uint32_t missing = 0;
    if (contradicts(datagrams_.at(id), part) || !compare(datagrams_.at(id), part, data, missing)) {
        if (!datagrams_.at(id).whole) {
            curse(id, Outcome::conflict, now_ms);
            return {Outcome::conflict, flow::kNone};
        }
        // With the name of a whole datagram, it is more likely another datagram than an attack. If
        // we must not forward it, the name is free again when the first one's time is over.
        if (!is_spent(datagrams_.at(id), now_ms)) {
            return {Outcome::conflict, flow::kNone};
        }
        forget(id);
        id = open(key, hash, treatment, now_ms);
        (void)compare(datagrams_.at(id), part, data, missing);
    }
    Datagram& datagram = datagrams_.at(id);
    if (datagram.whole) {
        return repeat(id, now_ms);
    }
    if (missing != 0 && !reserve(id, missing, now_ms)) {
        curse(id, Outcome::full, now_ms);
        return {Outcome::full, flow::kNone};
    }
    weigh(datagram, treatment, now_ms);
    store(datagram, part, data);
    touch(id, now_ms);
    if (datagram.total == kNoTotal || datagram.total == 0 ||
        datagram.units != (datagram.total + kUnit - 1) / kUnit) {
        return {Outcome::held, id};
    }
    complete(id);
    return {Outcome::complete, id};
}

void FragmentTable::read(std::uint32_t id, std::uint32_t offset, MutableBytes out) const noexcept {
    const Datagram& datagram = datagrams_.at(id);
    std::size_t done = 0;
    while (done < out.size()) {
        const std::uint32_t at = offset + static_cast<std::uint32_t>(done);
        const std::size_t n =
            std::min<std::size_t>(out.size() - done, kBlockBytes - at % kBlockBytes);
        std::memcpy(out.data() + done,
                    blocks_.at(datagram.block[at / kBlockBytes]).data + at % kBlockBytes, n);
        done += n;
    }
}

void FragmentTable::block(Ticket ticket, Nanos now) noexcept {
    tombstones_.put(ticket.hash, static_cast<std::uint8_t>(Outcome::blocked),
                    to_ms(now) + timeout_ms_);
}

void FragmentTable::block_own(Ticket ticket, Nanos now) noexcept {
    block(ticket, now);
    if (datagrams_.at(ticket.datagram).generation == ticket.generation) {
        forget(ticket.datagram);
    }
}

unsigned FragmentTable::expire(Nanos now, unsigned budget) noexcept {
    const std::uint64_t now_ms = to_ms(now);
    unsigned never_whole = 0;
    for (List* list : {&waiting_, &whole_}) {
        for (unsigned n = 0; n < budget && list->first != flow::kNone; ++n) {
            const Datagram& datagram = datagrams_.at(list->first);
            if (!is_over(datagram, now_ms)) {
                break;
            }
            never_whole += datagram.whole ? 0 : 1;
            forget(list->first);
        }
    }
    return never_whole;
}

}  // namespace minerwall::reassembly

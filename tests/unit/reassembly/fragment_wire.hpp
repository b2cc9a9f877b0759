// A table of fragments and a clock for tests, and datagrams cut into pieces.
#pragma once

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "reassembly/fragments.hpp"
#include "support/receivers.hpp"

namespace minerwall::reassembly {

using Outcome = FragmentTable::Outcome;
using Octets = std::vector<std::uint8_t>;
using test::Piece;

inline constexpr flow::HashKey kSecret{3, 4};
inline constexpr Nanos kStart = 1'700'000'000 * kNanosPerSecond;

inline IpAddress host(std::uint32_t n) {
    std::uint8_t four[4];
    store_be32(four, 0x0a000000u + n);
    return IpAddress::v4(four);
}

// A table and a clock; datagrams are named by source and id.
struct Wire {
    explicit Wire(FragmentLimits limits = {64, 512, 65000}) : table(limits, kSecret) {}

    static FragmentKey key(std::uint32_t id, std::uint32_t source = 1) {
        FragmentKey key{};
        key.src = host(source);
        key.dst = host(0xffff);
        key.id = id;
        key.version = 1;
        key.ip_proto = packet::kProtoUdp;
        return key;
    }
    FragmentTable::Added add(const FragmentKey& k, const Piece& piece,
                             std::uint8_t ip_proto = packet::kProtoUdp, bool routed = false) {
        packet::FragmentPart part{};
        part.id = k.id;
        part.offset = piece.offset;
        part.length = static_cast<std::uint32_t>(piece.data.size());
        part.more = piece.more;
        part.ip_proto = ip_proto;
        part.source_routed = routed;
        const std::uint32_t source = table.source_of(k.src);
        const FragmentTreatment treatment{mark, table.seen(source), plain};
        table.see(source);
        return table.add(k, table.hash(k), part, piece.data, treatment, now);
    }
    Outcome piece(std::uint32_t offset, bool more, const Octets& data, std::uint32_t id = 7,
                  std::uint32_t source = 1) {
        last = add(key(id, source), {offset, more, data});
        return last.outcome;
    }
    Octets whole() const {
        Octets out(table.length(last.datagram));
        table.read(last.datagram, 0, out);
        return out;
    }
    void wait(std::uint64_t seconds) { now += seconds * kNanosPerSecond; }
    void wait_ms(std::uint64_t ms) { now += ms * kNanosPerMilli; }
    // Returns how many of them were forwarded; `last` has the answer to the last one.
    unsigned send(const std::vector<Piece>& pieces) {
        unsigned on = 0;
        for (const Piece& p : pieces) {
            const Outcome outcome = piece(p.offset, p.more, p.data);
            on += outcome == Outcome::held || outcome == Outcome::complete;
        }
        return on;
    }

    FragmentTable table;
    Nanos now = kStart;
    std::uint32_t mark = 1;  // of the following pieces; and whether they are plain
    bool plain = true;
    FragmentTable::Added last{};
};

inline Octets bytes(std::size_t n, std::uint8_t first = 0) {
    Octets out(n);
    std::iota(out.begin(), out.end(), first);
    return out;
}
inline Octets part_of(const Octets& all, std::size_t from, std::size_t n) {
    return {all.begin() + static_cast<std::ptrdiff_t>(from),
            all.begin() + static_cast<std::ptrdiff_t>(from + n)};
}
// Cuts into pieces of the given lengths; the rest is the last one.
inline std::vector<Piece> cut(const Octets& all, const std::vector<std::size_t>& lengths) {
    std::vector<Piece> out;
    std::size_t at = 0;
    for (const std::size_t n : lengths) {
        out.push_back({static_cast<std::uint32_t>(at), true, part_of(all, at, n)});
        at += n;
    }
    out.push_back({static_cast<std::uint32_t>(at), false, part_of(all, at, all.size() - at)});
    return out;
}

}  // namespace minerwall::reassembly

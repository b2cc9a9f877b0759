// A set of IPv4 and IPv6 prefixes; the longest match wins.
//
// The builder flattens the prefixes: nested ones become disjoint ranges, each with the entry that
// wins there, so a lookup is one binary search. A large set gets an index over the first 16 bits,
// which leaves only a few steps. An IPv6 prefix never matches an IPv4 address, although base holds
// the latter as ::ffff:a.b.c.d.
//
// Memory: 16 B per isolated IPv4 prefix, 48 B per isolated IPv6 prefix, 256 KiB for an index.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "base/address.hpp"
#include "match/no_entry.hpp"

namespace minerwall::match {

struct Prefix {
    IpAddress address;    // host bits zero
    unsigned length = 0;  // 0..32 for IPv4, 0..128 for IPv6
    friend bool operator==(const Prefix&, const Prefix&) noexcept = default;
};

class PrefixSet {
  public:
    // Fast path. The entry of the longest prefix that holds `address`, or kNoEntry.
    std::uint32_t lookup(const IpAddress& address) const noexcept;

    std::size_t memory_bytes() const noexcept;

  private:
    friend class PrefixSetBuilder;
    struct Wide {  // an IPv6 address as a number
        std::uint64_t high = 0;
        std::uint64_t low = 0;
        friend auto operator<=>(const Wide&, const Wide&) noexcept = default;
    };
    template <typename Key>
    struct Ranges {
        // Range i runs from starts[i] to the next start and belongs to entries[i], which may be
        // kNoEntry. If not empty, starts[0] is the lowest address.
        std::vector<Key> starts;
        std::vector<std::uint32_t> entries;
        // index[t]: the range that holds the lowest address whose first 16 bits are t; 65537 long.
        std::vector<std::uint32_t> index;
    };
    template <typename Key>
    static std::uint32_t find(const Ranges<Key>& ranges, const Key& key,
                              std::uint32_t top) noexcept;

    Ranges<std::uint32_t> v4_;
    Ranges<Wide> v6_;
};

// Control plane; throws std::bad_alloc.
class PrefixSetBuilder {
  public:
    // Returns the entry id: 0, 1, 2... Host bits of `prefix` must be zero, its length in range.
    std::uint32_t add(const Prefix& prefix);
    // Empties the builder. Of equal prefixes, lookups find the first.
    PrefixSet build(std::vector<Duplicate>* duplicates = nullptr);

  private:
    struct Item {
        Prefix prefix;
        std::uint32_t entry;
    };
    template <typename Key>
    class Sweep;
    template <typename Key>
    static void flatten(std::vector<Item>& items, PrefixSet::Ranges<Key>& out,
                        std::vector<Duplicate>* duplicates);
    std::vector<Item> v4_, v6_;
};

}  // namespace minerwall::match

// A set of 16-bit numbers and ranges of them: TCP and UDP ports, VLAN ids. A bitmap answers "no"
// with one load; only a hit searches for its entry.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "match/no_entry.hpp"

namespace minerwall::match {

class PortSet {
  public:
    // Fast path. The entry that holds `port`, or kNoEntry. Of overlapping entries, the first added.
    std::uint32_t lookup(std::uint16_t port) const noexcept;

    std::size_t memory_bytes() const noexcept;

  private:
    friend class PortSetBuilder;
    struct Range {
        std::uint16_t first, last;
        std::uint32_t entry;
    };
    std::vector<std::uint64_t> bits_;  // 1024 words, or none
    std::vector<Range> ranges_;        // disjoint, in order
};

// Control plane; throws std::bad_alloc.
class PortSetBuilder {
  public:
    // Returns the entry id: 0, 1, 2... first <= last.
    std::uint32_t add(std::uint16_t first, std::uint16_t last);
    // Empties the builder. If earlier entries hold every number of an entry, it is a duplicate of
    // the one that holds its first number.
    PortSet build(std::vector<Duplicate>* duplicates = nullptr);

  private:
    struct Item {
        std::uint16_t first, last;
    };
    std::vector<Item> items_;
};

}  // namespace minerwall::match

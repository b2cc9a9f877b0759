// A set of domain names, matched as suffixes on label borders.
//
// Entry `example.com` matches example.com and a.example.com, never myexample.com; entry
// `=example.com` matches that name alone. The most specific entry wins. The hash runs from the last
// label to the first and is valid at every border. So a name of n labels costs at most min(n,
// deepest entry) probes of a hash table, for any number of entries. Each set keys the hash with
// random bytes, so that an attacker cannot aim names at one place of the table.
//
// Memory: text + 4 B + 10.7 B per name.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "match/entry_texts.hpp"
#include "match/no_entry.hpp"

namespace minerwall::match {

class DomainSet {
  public:
    static constexpr std::size_t kMaxName = 255;  // RFC 1035, 2.3.4
    static constexpr unsigned kMaxLabels = 128;   // such a name has no room for more

    DomainSet() = default;

    // Fast path. `name`: lower-case ASCII; a trailing dot is ignored. kNoEntry if nothing matches,
    // and for an empty or overlong name.
    std::uint32_t lookup(std::string_view name) const noexcept;

    std::uint32_t size() const noexcept { return texts_.size(); }
    std::string_view text(std::uint32_t id) const noexcept { return texts_[id]; }
    std::size_t memory_bytes() const noexcept {
        return texts_.memory_bytes() + table_.capacity() * sizeof(Slot);
    }

  private:
    friend class DomainSetBuilder;
    struct Slot {
        std::uint32_t tag = 0;
        std::uint32_t entry = kNoEntry;  // kNoEntry: the slot is free
    };
    std::size_t home(std::uint64_t hash) const noexcept {
        return static_cast<std::size_t>(((hash >> 32) * table_.size()) >> 32);
    }
    // The entry that holds `suffix`; an entry for exact matches only if `whole`.
    std::uint32_t probe(std::uint64_t hash, std::string_view suffix, bool whole) const noexcept;

    EntryTexts texts_;
    std::vector<Slot> table_;  // open addressing, linear; at most three quarters full
    std::uint64_t key_[2] = {0, 0};
    unsigned deepest_ = 0;  // labels of the deepest entry, at most kMaxLabels
};

// Control plane; throws std::bad_alloc, std::length_error.
class DomainSetBuilder {
  public:
    // `name`: lower-case, no trailing dot, `=` in front for an exact match; the caller checks the
    // syntax. Returns its entry id: 0, 1, 2...
    std::uint32_t add(std::string_view name) { return texts_.add(name); }
    // Empties the builder. Of equal entries, lookups find the first.
    DomainSet build(std::vector<Duplicate>* duplicates = nullptr);

  private:
    EntryTexts texts_;
};

}  // namespace minerwall::match

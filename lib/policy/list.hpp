// A named list of a policy, compiled for look-ups; or the literals of one condition, as a list
// without a name. Immutable once built. Look-ups are fast path; the rest is for messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "match/domain_set.hpp"
#include "match/entry_texts.hpp"
#include "match/pattern_set.hpp"
#include "match/port_set.hpp"
#include "match/prefix_set.hpp"

namespace minerwall::policy {

enum class ListType : std::uint8_t { port, domain, ip, name_pattern };
inline constexpr unsigned kListTypeCount = 4;

constexpr std::string_view to_text(ListType type) noexcept {
    constexpr std::string_view kText[kListTypeCount] = {"port", "domain", "ip", "name-pattern"};
    return kText[static_cast<unsigned>(type)];
}

// How the lines of a list file become entries.
enum class ListFormat : std::uint8_t { lines, adblock };

struct EntryPlace {
    std::string_view file;
    unsigned line = 0;
};

// Whether lists remember where each entry stands. It takes 8 bytes an entry, and the packet path
// never asks.
enum class EntryPlaces : std::uint8_t { forget, keep };

struct List {
    struct Origin {
        std::uint32_t file;  // index of `files`
        std::uint32_t line;
    };

    std::string name;  // empty: the literals of a rule
    ListType type = ListType::domain;
    bool mining = true;  // category: does a hit recognise mining?
    std::string note;
    std::string file;  // the file that defines the list
    unsigned line = 0;

    // `type` says which one is used; the others are empty.
    match::PortSet ports;
    match::DomainSet domains;
    match::PrefixSet prefixes;
    match::PatternSet patterns;

    // The entries as the operator wrote them, by entry id; `domains` has those of a domain list.
    match::EntryTexts texts;
    // Notes are rare, so they are pairs of (entry, note) in order of entry.
    std::vector<std::uint32_t> noted_entries;
    match::EntryTexts notes;

    // By entry id; empty unless the ruleset was loaded with EntryPlaces::keep.
    std::vector<Origin> origins;
    std::vector<std::string> files;

    std::size_t size() const noexcept;
    std::string_view entry_text(std::uint32_t entry) const noexcept;
    std::string_view entry_note(std::uint32_t entry) const noexcept;
    // No file and line 0 if the list has forgotten it.
    EntryPlace entry_place(std::uint32_t entry) const noexcept;
    std::size_t memory_bytes() const noexcept;
};

}  // namespace minerwall::policy

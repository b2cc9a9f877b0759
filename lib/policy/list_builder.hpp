// Builds a searchable List from the entries of a policy or a list file. Control plane.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/list.hpp"
#include "settings/diagnostic.hpp"

namespace minerwall::policy {

class ListBuilder {
  public:
    static constexpr std::size_t kMaxEntries = 1u << 24;
    static constexpr std::size_t kMaxPatterns = 10'000;  // Hyperscan compiles them all at once
    static constexpr std::size_t kMaxPatternLength = 512;
    static constexpr std::size_t kMaxNote = 200;  // longer notes are cut

    ListBuilder(ListType type, settings::Diagnostics& diagnostics)
        : type_(type), diagnostics_(diagnostics) {}

    // For a port list: the allowed numbers, both ends included. Without this call they are ports.
    void numbers_from(std::uint16_t least, std::uint16_t most) {
        least_ = least;
        most_ = most;
    }
    // The file of the entries that follow, for messages.
    void from_file(const std::string& file);
    // Reports a faulty entry and leaves it out.
    void add(std::string_view raw, std::string_view note, unsigned line,
             settings::Severity severity = settings::Severity::error);
    // Adds the lines of a list file.
    void add_file(ListFormat format, std::string_view text);
    // Warns of duplicates and runs the patterns' known-answer tests. Leaves the builder empty.
    List finish(EntryPlaces places = EntryPlaces::forget);

    std::size_t size() const noexcept { return origins_.size(); }

  private:
    using Origin = List::Origin;
    settings::Location locate(const Origin& origin) const {
        return {files_[origin.file], origin.line};
    }
    // Each line has an entry, a comment, both, or neither.
    void add_lines(std::string_view text);
    // The file is not the operator's own: what is no entry of this list is a warning.
    void add_adblock(std::string_view text);
    std::string add_entry(std::string_view raw);
    std::string add_pattern(std::string_view raw);
    void warn_duplicates(const List& list, const std::vector<match::Duplicate>& duplicates);

    ListType type_;
    settings::Diagnostics& diagnostics_;
    std::uint16_t least_ = 1;
    std::uint16_t most_ = 65535;
    List list_;
    match::PortSetBuilder ports_;
    match::DomainSetBuilder domains_;
    match::PrefixSetBuilder prefixes_;
    match::PatternSetBuilder patterns_;
    std::vector<std::string> files_;
    std::vector<Origin> origins_;  // by entry id
    bool too_many_ = false;
};

}  // namespace minerwall::policy

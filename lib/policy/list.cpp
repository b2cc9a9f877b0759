#include "policy/list.hpp"

#include <algorithm>

namespace minerwall::policy {

std::size_t List::size() const noexcept {
    return type == ListType::domain ? domains.size() : texts.size();
}

std::string_view List::entry_text(std::uint32_t entry) const noexcept {
    return type == ListType::domain ? domains.text(entry) : texts[entry];
}

std::string_view List::entry_note(std::uint32_t entry) const noexcept {
    const auto at = std::lower_bound(noted_entries.begin(), noted_entries.end(), entry);
    if (at == noted_entries.end() || *at != entry) {
        return {};
    }
    return notes[static_cast<std::uint32_t>(at - noted_entries.begin())];
}

EntryPlace List::entry_place(std::uint32_t entry) const noexcept {
    if (entry >= origins.size()) {
        return {};
    }
    return {files[origins[entry].file], origins[entry].line};
}

std::size_t List::memory_bytes() const noexcept {
    return ports.memory_bytes() + domains.memory_bytes() + prefixes.memory_bytes() +
           patterns.memory_bytes() + texts.memory_bytes() + notes.memory_bytes() +
           noted_entries.capacity() * sizeof(noted_entries[0]) +
           origins.capacity() * sizeof(origins[0]);
}

}  // namespace minerwall::policy

#include "match/entry_texts.hpp"

#include <limits>
#include <stdexcept>

namespace minerwall::match {

std::uint32_t EntryTexts::add(std::string_view text) {
    if (text.size() > std::numeric_limits<std::uint32_t>::max() - text_.size()) {
        throw std::length_error("more than 4 GiB of list entries");
    }
    text_.append(text);
    ends_.push_back(static_cast<std::uint32_t>(text_.size()));
    return size() - 1;
}

void EntryTexts::shrink() {
    text_.shrink_to_fit();
    ends_.shrink_to_fit();
}

}  // namespace minerwall::match

// Texts by number, end to end in one block: the entries of a list as an operator reads them. Costs
// four bytes per text on top of the text. Adding is control plane; any thread may read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace minerwall::match {

class EntryTexts {
  public:
    // The new text's number: 0, 1, 2... Throws std::length_error past 4 GiB of text.
    std::uint32_t add(std::string_view text);
    void shrink();

    std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(ends_.size()); }
    bool empty() const noexcept { return ends_.empty(); }
    // Empty for an unknown number.
    std::string_view operator[](std::uint32_t id) const noexcept {
        if (id >= ends_.size()) {
            return {};
        }
        const std::uint32_t begin = id == 0 ? 0 : ends_[id - 1];
        return {text_.data() + begin, ends_[id] - begin};
    }
    std::size_t memory_bytes() const noexcept {
        return text_.capacity() + ends_.capacity() * sizeof(std::uint32_t);
    }

  private:
    std::string text_;
    std::vector<std::uint32_t> ends_;
};

}  // namespace minerwall::match

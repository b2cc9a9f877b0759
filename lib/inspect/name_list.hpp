// The names that one packet asked for: a segment may hold several HTTP requests, and a request two
// hosts. Each is judged. Fixed room, nothing allocates.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace minerwall::inspect {

class NameList {
  public:
    void clear() noexcept {
        used_ = 0;
        count_ = 0;
    }
    bool empty() const noexcept { return count_ == 0; }
    unsigned count() const noexcept { return count_; }

    // A name that is there already is not added again. More than a segment of Ethernet can carry
    // do not fit: those of a jumbo frame full of requests beyond the room are not judged.
    void add(std::string_view name) noexcept {
        if (name.empty() || name.size() > 255 || contains(name) ||
            used_ + 1 + name.size() > text_.size()) {
            return;
        }
        text_[used_] = static_cast<char>(name.size());
        std::memcpy(text_.data() + used_ + 1, name.data(), name.size());
        used_ = static_cast<std::uint16_t>(used_ + 1 + name.size());
        ++count_;
    }
    // visit(std::string_view), in the order of the wire.
    template <typename Visit>
    void for_each(Visit&& visit) const noexcept {
        for (std::size_t at = 0; at < used_;) {
            const auto size = static_cast<std::uint8_t>(text_[at]);
            visit(std::string_view(text_.data() + at + 1, size));
            at += 1u + size;
        }
    }
    bool contains(std::string_view name) const noexcept {
        bool found = false;
        for_each([&](std::string_view known) { found = found || known == name; });
        return found;
    }

  private:
    std::uint16_t used_ = 0;
    std::uint16_t count_ = 0;
    std::array<char, 1536> text_;
};

}  // namespace minerwall::inspect

// Distinct host names in one fixed buffer, in the order of their addition, for messages that name
// several hosts. Fast path, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "proto/host_text.hpp"

namespace minerwall::proto {

template <std::size_t Room>
class HostTextList {
    static_assert(Room > HostText::capacity() && Room <= 0xffff, "any one name fits");

  public:
    // User-provided, so that `{}` does not clear the buffer.
    HostTextList() noexcept {}

    void clear() noexcept {
        used_ = 0;
        count_ = 0;
        last_size_ = 0;
    }
    bool empty() const noexcept { return count_ == 0; }
    unsigned count() const noexcept { return count_; }
    std::size_t room_left() const noexcept { return Room - used_; }

    // True if the list has the name now. False for an empty name, or if it does not fit.
    bool add(std::string_view name) noexcept {
        if (name.empty() || name.size() > HostText::capacity()) {
            return false;
        }
        if (contains(name)) {
            return true;
        }
        if (name.size() + 1 > Room - used_) {
            return false;
        }
        room_[used_] = static_cast<char>(name.size());
        std::memcpy(room_.data() + used_ + 1, name.data(), name.size());
        used_ = static_cast<std::uint16_t>(used_ + 1 + name.size());
        last_size_ = static_cast<std::uint8_t>(name.size());
        ++count_;
        return true;
    }
    // The name added last; empty if there is none. Valid until clear().
    std::string_view last() const noexcept {
        return {room_.data() + used_ - last_size_, last_size_};
    }
    // visit(std::string_view); the views are valid until clear().
    template <typename Visit>
    void for_each(Visit&& visit) const noexcept {
        for (std::size_t at = 0; at < used_;) {
            const auto size = static_cast<std::uint8_t>(room_[at]);
            visit(std::string_view(room_.data() + at + 1, size));
            at += std::size_t{1} + size;
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
    std::uint8_t last_size_ = 0;
    std::array<char, Room> room_;
};

}  // namespace minerwall::proto

// Text in a buffer of fixed size: the path keeps names and messages in it without allocating.
// Appending past the capacity cuts the text and sets truncated(). Not NUL-terminated.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace minerwall {

template <std::size_t N>
class FixedText {
    static_assert(N < 256, "the length is one byte");

  public:
    static constexpr std::size_t capacity() noexcept { return N; }
    std::string_view view() const noexcept { return {text_, size_}; }
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    bool truncated() const noexcept { return truncated_; }

    void clear() noexcept {
        size_ = 0;
        truncated_ = false;
    }
    void assign(std::string_view text) noexcept {
        clear();
        append(text);
    }
    void append(std::string_view text) noexcept {
        const std::size_t n = std::min(text.size(), N - size_);
        std::copy_n(text.data(), n, text_ + size_);
        size_ = static_cast<std::uint8_t>(size_ + n);
        truncated_ = truncated_ || n < text.size();
    }
    void push_back(char c) noexcept {
        if (size_ < N) {
            text_[size_++] = c;
        } else {
            truncated_ = true;
        }
    }
    friend bool operator==(const FixedText& a, std::string_view b) noexcept {
        return a.view() == b;
    }

  private:
    std::uint8_t size_ = 0;
    bool truncated_ = false;
    char text_[N];
};

}  // namespace minerwall

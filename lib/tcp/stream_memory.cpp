#include "tcp/stream_memory.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace minerwall::tcp {
namespace {

// Bits [from, from + count) of a word; count is 1 to 64 - from.
constexpr std::uint64_t bits(std::uint32_t from, std::uint32_t count) noexcept {
    return (count == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1) << from;
}

// Calls each(word, its bits) for the words of [from, from + count), until a call returns false.
template <typename Each>
bool for_words(std::uint32_t from, std::uint32_t count, Each&& each) noexcept {
    while (count != 0) {
        const std::uint32_t at = from % 64;
        const std::uint32_t n = std::min(count, 64 - at);
        if (!each(from / 64, bits(at, n))) {
            return false;
        }
        from += n;
        count -= n;
    }
    return true;
}

// Length of the run of bits equal to `wanted` from `from` on.
std::uint32_t run(const std::uint64_t (&words)[StreamPage::kWords], std::uint32_t from,
                  bool wanted) noexcept {
    std::uint32_t at = from;
    while (at < StreamPage::kBytes) {
        const std::uint64_t other = (wanted ? ~words[at / 64] : words[at / 64]) >> (at % 64);
        const auto free = static_cast<std::uint32_t>(std::countr_zero(other));
        if (free < 64 - at % 64) {
            return at + free - from;
        }
        at += 64 - at % 64;
    }
    return StreamPage::kBytes - from;
}

}  // namespace

void StreamPage::reset(std::uint32_t first) noexcept {
    start = first;
    next = flow::kNone;
    std::fill(std::begin(present), std::end(present), 0);
}

void StreamPage::put(std::uint32_t from, Bytes bytes) noexcept {
    std::memcpy(data + from, bytes.data(), bytes.size());
    for_words(from, static_cast<std::uint32_t>(bytes.size()),
              [this](std::uint32_t word, std::uint64_t mask) {
                  present[word] |= mask;
                  return true;
              });
}

bool StreamPage::agrees(std::uint32_t from, Bytes bytes) const noexcept {
    return for_words(from, static_cast<std::uint32_t>(bytes.size()),
                     [&](std::uint32_t word, std::uint64_t mask) {
                         std::uint64_t held = present[word] & mask;
                         const std::uint32_t base = word * 64;
                         if (held == ~std::uint64_t{0}) {
                             return std::memcmp(data + base, bytes.data() + (base - from), 64) == 0;
                         }
                         for (; held != 0; held &= held - 1) {
                             const auto at =
                                 base + static_cast<std::uint32_t>(std::countr_zero(held));
                             if (data[at] != bytes[at - from]) {
                                 return false;
                             }
                         }
                         return true;
                     });
}

std::uint32_t StreamPage::held_from(std::uint32_t from) const noexcept {
    return run(present, from, true);
}

std::uint32_t StreamPage::missing_from(std::uint32_t from) const noexcept {
    return run(present, from, false);
}

}  // namespace minerwall::tcp

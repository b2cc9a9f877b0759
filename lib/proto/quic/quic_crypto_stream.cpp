#include "proto/quic/quic_crypto_stream.hpp"

#include <algorithm>
#include <bit>

namespace minerwall::proto {
namespace {

constexpr std::uint64_t kMaxOffset = std::uint64_t{1} << 62;  // RFC 9000, 19.6

// A mask of n bits from bit `first` on; first + n <= 64, first < 64.
constexpr std::uint64_t bits(std::uint32_t first, std::uint32_t n) noexcept {
    const std::uint64_t low = n < 64 ? (std::uint64_t{1} << n) - 1 : ~std::uint64_t{0};
    return low << first;
}

}  // namespace

void QuicCryptoStream::reset() noexcept {
    base_ = read_ = end_ = 0;
    have_.fill(0);
}

QuicCryptoStream::Added QuicCryptoStream::add(std::uint64_t offset, Bytes data) noexcept {
    Added added;
    if (data.empty()) {
        return added;
    }
    if (offset > kMaxOffset) {
        added.lost = true;
        return added;
    }
    if (offset < base_) {  // outside the window, and consumed earlier
        data = data.subspan(std::min<std::uint64_t>(base_ - offset, data.size()));
        offset = base_;
    }
    if (offset + data.size() > base_ + kWindow) {
        slide(std::min(read_, offset + data.size() - kWindow));
        const std::uint64_t room = base_ + kWindow > offset ? base_ + kWindow - offset : 0;
        if (data.size() > room) {
            added.lost = true;
            data = data.first(static_cast<std::size_t>(room));
        }
    }
    added.conflict = store(offset, data);
    advance();
    return added;
}

// True: some byte differs from an earlier copy.
bool QuicCryptoStream::store(std::uint64_t offset, Bytes data) noexcept {
    bool conflict = false;
    while (!data.empty()) {
        const auto at = static_cast<std::uint32_t>(offset % kWindow);
        const std::uint32_t bit = at % kWord;
        const auto n = static_cast<std::uint32_t>(std::min<std::size_t>(kWord - bit, data.size()));
        const std::uint64_t wanted = bits(bit, n);
        std::uint64_t& word = have_[at / kWord];
        std::uint8_t* const to = bytes_.data() + at;
        if ((word & wanted) == 0) {
            std::memcpy(to, data.data(), n);
        } else {
            for (std::uint32_t i = 0; i < n; ++i) {
                if ((word >> (bit + i) & 1) == 0) {
                    to[i] = data[i];
                } else {
                    conflict = conflict || to[i] != data[i];
                }
            }
        }
        word |= wanted;
        offset += n;
        data = data.subspan(n);
    }
    return conflict;
}

void QuicCryptoStream::advance() noexcept {
    const std::uint64_t limit = base_ + kWindow;
    while (end_ < limit) {
        const auto at = static_cast<std::uint32_t>(end_ % kWindow);
        const std::uint32_t bit = at % kWord;
        const auto run = std::min<std::uint64_t>(
            static_cast<std::uint64_t>(std::countr_one(have_[at / kWord] >> bit)), limit - end_);
        end_ += run;
        if (run < kWord - bit) {
            return;
        }
    }
}

void QuicCryptoStream::slide(std::uint64_t base) noexcept {
    while (base_ < base) {
        const auto at = static_cast<std::uint32_t>(base_ % kWindow);
        const std::uint32_t bit = at % kWord;
        const auto n =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(kWord - bit, base - base_));
        have_[at / kWord] &= ~bits(bit, n);
        base_ += n;
    }
}

Bytes QuicCryptoStream::ready() const noexcept {
    const auto at = static_cast<std::uint32_t>(read_ % kWindow);
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(end_ - read_, kWindow - at));
    return Bytes{bytes_}.subspan(at, n);
}

}  // namespace minerwall::proto

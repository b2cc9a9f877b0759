#include "match/prefix_set.hpp"

#include <algorithm>

#include "base/bytes.hpp"

namespace minerwall::match {

template <typename Key>
std::uint32_t PrefixSet::find(const Ranges<Key>& ranges, const Key& key,
                              std::uint32_t top) noexcept {
    if (ranges.starts.empty()) {
        return kNoEntry;
    }
    std::size_t first = 0;
    std::size_t last = ranges.starts.size();
    if (!ranges.index.empty()) {
        // The wanted range starts at or before `key`, but not before the range that holds the
        // lowest address with these top bits.
        first = ranges.index[top];
        last = std::size_t{ranges.index[top + 1]} + 1;
    }
    const auto begin = ranges.starts.begin();
    const auto behind = std::upper_bound(begin + static_cast<std::ptrdiff_t>(first),
                                         begin + static_cast<std::ptrdiff_t>(last), key);
    return ranges.entries[static_cast<std::size_t>(behind - begin) - 1];
}

std::uint32_t PrefixSet::lookup(const IpAddress& address) const noexcept {
    if (address.is_v4()) {
        const std::uint32_t key = load_be32(address.v4_bytes());
        return find(v4_, key, key >> 16);
    }
    const Wide key{load_be64(address.bytes.data()), load_be64(address.bytes.data() + 8)};
    return find(v6_, key, static_cast<std::uint32_t>(key.high >> 48));
}

std::size_t PrefixSet::memory_bytes() const noexcept {
    const auto of = [](const auto& ranges) {
        return ranges.starts.capacity() * sizeof(ranges.starts[0]) +
               (ranges.entries.capacity() + ranges.index.capacity()) * sizeof(std::uint32_t);
    };
    return of(v4_) + of(v6_);
}

}  // namespace minerwall::match

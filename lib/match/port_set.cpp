#include "match/port_set.hpp"

#include <algorithm>

namespace minerwall::match {

std::uint32_t PortSet::lookup(std::uint16_t port) const noexcept {
    if (bits_.empty() || (bits_[port >> 6] >> (port & 63) & 1) == 0) {
        return kNoEntry;
    }
    const auto at = std::partition_point(ranges_.begin(), ranges_.end(),
                                         [port](const Range& r) { return r.last < port; });
    return at->entry;
}

std::size_t PortSet::memory_bytes() const noexcept {
    return bits_.capacity() * sizeof(bits_[0]) + ranges_.capacity() * sizeof(Range);
}

}  // namespace minerwall::match

#include <numeric>
#include <utility>

#include "match/port_set.hpp"

namespace minerwall::match {

std::uint32_t PortSetBuilder::add(std::uint16_t first, std::uint16_t last) {
    items_.push_back({first, last});
    return static_cast<std::uint32_t>(items_.size() - 1);
}

PortSet PortSetBuilder::build(std::vector<Duplicate>* duplicates) {
    PortSet set;
    const std::vector<Item> items = std::exchange(items_, {});
    if (items.empty()) {
        return set;
    }
    std::vector<std::uint32_t> owner(65536, kNoEntry);
    // next_free[p]: a step towards the lowest port from p on that has no owner. Each walk halves
    // the path, so that a list of many wide ranges does not cost ranges times ports.
    std::vector<std::uint32_t> next_free(65537);
    std::iota(next_free.begin(), next_free.end(), 0u);
    const auto free_from = [&next_free](std::uint32_t port) {
        while (next_free[port] != port) {
            next_free[port] = next_free[next_free[port]];
            port = next_free[port];
        }
        return port;
    };
    set.bits_.resize(1024);
    for (std::uint32_t id = 0; id < items.size(); ++id) {
        bool adds = false;
        for (std::uint32_t port = free_from(items[id].first); port <= items[id].last;
             port = free_from(port)) {
            owner[port] = id;
            next_free[port] = port + 1;
            set.bits_[port >> 6] |= std::uint64_t{1} << (port & 63);
            adds = true;
        }
        if (!adds && duplicates != nullptr) {
            duplicates->push_back({owner[items[id].first], id});
        }
    }
    for (std::uint32_t port = 0; port < 65536; ++port) {
        if (owner[port] == kNoEntry) {
            continue;
        }
        const auto p = static_cast<std::uint16_t>(port);
        if (port > 0 && owner[port - 1] == owner[port]) {
            set.ranges_.back().last = p;
        } else {
            set.ranges_.push_back({p, p, owner[port]});
        }
    }
    set.ranges_.shrink_to_fit();
    return set;
}

}  // namespace minerwall::match

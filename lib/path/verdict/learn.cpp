#include "path/verdict/learn.hpp"

#include <algorithm>

#include "path/report/learned.hpp"

namespace minerwall::path {
namespace {

// Addresses that are never a pool's: "this host", loopback, link-local, multicast (RFC 6890).
bool is_special(const IpAddress& address) noexcept {
    if (address.is_v4()) {
        const std::uint8_t* b = address.v4_bytes();
        return b[0] == 0 || b[0] == 127 || b[0] >= 224 || (b[0] == 169 && b[1] == 254);
    }
    const auto& b = address.bytes;
    const bool low = std::all_of(b.begin(), b.begin() + 15, [](std::uint8_t c) { return c == 0; });
    return low || b[0] == 0xff || (b[0] == 0xfe && (b[1] & 0xc0) == 0x80);
}

}  // namespace

void store_learned(Packet packet, flow::Learned& entry) noexcept {
    Context& context = packet.context();
    entry.client = context.flows.ends(packet.flow()).client;
    entry.until = context.now + Nanos{entry.ttl} * kNanosPerSecond;
    if (!entry.is_name && (is_special(entry.server) || !context.rules->may_learn(entry.server))) {
        context.counters.learned_refused.add();
        return;
    }
    switch (context.learned.learn(entry, context.now)) {
        case flow::LearnedTable::Outcome::evicted:
            context.counters.learned_evicted.add();
            [[fallthrough]];
        case flow::LearnedTable::Outcome::added:
            context.counters.learned_total.add();
            context.counters.learned_addresses.set(context.learned.size());
            report_learned(packet, entry);
            break;
        case flow::LearnedTable::Outcome::refreshed:
            break;
        case flow::LearnedTable::Outcome::full:
            context.counters.learned_full.add();
            break;
    }
}

}  // namespace minerwall::path

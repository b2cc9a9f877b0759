#include "machine/rss.hpp"

#include <rte_thash.h>

#include <array>
#include <bit>
#include <random>
#include <set>

namespace minerwall::machine {

namespace {

constexpr std::size_t kShortestKey = 40;  // what an IPv6 five-tuple needs: 36 bytes and one word
constexpr unsigned kSamples = 512;

// Words as rte_softrss() expects them: host byte order, source address, destination address, ports.
template <std::size_t kAddressWords>
struct Tuple {
    std::array<std::uint32_t, 2 * kAddressWords + 1> words;

    Tuple turned() const {
        Tuple t;
        for (std::size_t i = 0; i < kAddressWords; ++i) {
            t.words[i] = words[kAddressWords + i];
            t.words[kAddressWords + i] = words[i];
        }
        t.words.back() = (words.back() << 16) | (words.back() >> 16);
        return t;
    }
};

template <std::size_t kAddressWords>
bool samples_agree(std::span<const std::uint8_t> key, std::span<const std::uint16_t> table,
                   std::set<std::uint16_t>& seen) {
    std::minstd_rand random(1);  // the same samples at every start
    for (unsigned i = 0; i < kSamples; ++i) {
        Tuple<kAddressWords> forward;
        for (std::uint32_t& word : forward.words) {
            word = static_cast<std::uint32_t>(random() << 1) ^ static_cast<std::uint32_t>(random());
        }
        const auto queue = [&](Tuple<kAddressWords> t) {
            const std::uint32_t hash =
                rte_softrss(t.words.data(), static_cast<std::uint32_t>(t.words.size()), key.data());
            return table[hash & (table.size() - 1)];
        };
        const std::uint16_t there = queue(forward);
        if (there != queue(forward.turned())) {
            return false;
        }
        seen.insert(there);
    }
    return true;
}

}  // namespace

std::vector<std::uint8_t> symmetric_key(std::size_t bytes) {
    std::vector<std::uint8_t> key(bytes);
    for (std::size_t i = 0; i < bytes; ++i) {
        key[i] = i % 2 == 0 ? 0x6d : 0x5a;
    }
    return key;
}

bool rss_is_symmetric(std::span<const std::uint8_t> key, std::span<const std::uint16_t> table,
                      unsigned queues) {
    if (key.size() < kShortestKey || !std::has_single_bit(table.size())) {
        return false;
    }
    for (const std::uint16_t queue : table) {
        if (queue >= queues) {
            return false;
        }
    }
    std::set<std::uint16_t> seen;
    return samples_agree<1>(key, table, seen) && samples_agree<4>(key, table, seen) &&
           (queues == 1 || seen.size() > 1);
}

}  // namespace minerwall::machine

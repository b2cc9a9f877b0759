// SipHash-1-3 over a key (Aumasson, Bernstein: "SipHash: a fast short-input PRF").
//
// Keyed, because an attacker chooses addresses, ports and fragment ids: with a known hash he could
// put all his flows in one bucket. A flow's key is five 8-byte words and one word for the rest and
// the length. That takes about 50 cycles, and the compiler interleaves the packets of a burst.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "flow/key.hpp"

namespace minerwall::flow {

struct HashKey {
    std::uint64_t k0, k1;
};

// Any key without padding. The hash covers the key's length.
template <typename Key>
inline std::uint64_t hash_key(const Key& key, const HashKey& secret) noexcept {
    static_assert(std::has_unique_object_representations_v<Key>);
    constexpr std::size_t kWords = sizeof(Key) / 8;
    constexpr std::size_t kRest = sizeof(Key) % 8;
    const auto rotate = [](std::uint64_t x, int b) { return (x << b) | (x >> (64 - b)); };
    std::uint64_t v0 = secret.k0 ^ 0x736f6d6570736575ULL;
    std::uint64_t v1 = secret.k1 ^ 0x646f72616e646f6dULL;
    std::uint64_t v2 = secret.k0 ^ 0x6c7967656e657261ULL;
    std::uint64_t v3 = secret.k1 ^ 0x7465646279746573ULL;
    const auto round = [&] {
        v0 += v1;
        v1 = rotate(v1, 13);
        v1 ^= v0;
        v0 = rotate(v0, 32);
        v2 += v3;
        v3 = rotate(v3, 16);
        v3 ^= v2;
        v0 += v3;
        v3 = rotate(v3, 21);
        v3 ^= v0;
        v2 += v1;
        v1 = rotate(v1, 17);
        v1 ^= v2;
        v2 = rotate(v2, 32);
    };
    std::uint64_t words[kWords];
    std::memcpy(words, &key, sizeof words);
    for (const std::uint64_t m : words) {
        v3 ^= m;
        round();
        v0 ^= m;
    }
    std::uint64_t rest = 0;
    std::memcpy(&rest, reinterpret_cast<const char*>(&key) + sizeof words, kRest);
    const std::uint64_t last = std::uint64_t{sizeof key} << 56 | rest;
    v3 ^= last;
    round();
    v0 ^= last;
    v2 ^= 0xff;
    round();
    round();
    round();
    return v0 ^ v1 ^ v2 ^ v3;
}

}  // namespace minerwall::flow

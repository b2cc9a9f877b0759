// SipHash-1-3 over a key (Aumasson, Bernstein: "SipHash: a fast short-input PRF").
//
// Keyed, because an attacker chooses addresses, ports and fragment ids: with a known hash he could
// put all his flows in one bucket.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "flow/key.hpp"

namespace minerwall::flow {

struct HashKey {
    std::uint64_t k0, k1;
};

struct SipState {
    std::uint64_t v0, v1, v2, v3;

    [[gnu::always_inline]] void round() noexcept {
        v0 += v1;
        v1 = std::rotl(v1, 13) ^ v0;
        v0 = std::rotl(v0, 32);
        v2 += v3;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 += v3;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 += v1;
        v1 = std::rotl(v1, 17) ^ v2;
        v2 = std::rotl(v2, 32);
    }
    [[gnu::always_inline]] void add(std::uint64_t word) noexcept {
        v3 ^= word;
        round();
        v0 ^= word;
    }
};

// last: the length of the whole in its high byte, and below what fills no word.
template <std::size_t N>
[[gnu::always_inline]] inline std::uint64_t sip_hash(std::array<std::uint64_t, N> words,
                                                     std::uint64_t last,
                                                     const HashKey& secret) noexcept {
    SipState state{secret.k0 ^ 0x736f6d6570736575ULL, secret.k1 ^ 0x646f72616e646f6dULL,
                   secret.k0 ^ 0x6c7967656e657261ULL, secret.k1 ^ 0x7465646279746573ULL};
    for (const std::uint64_t word : words) {
        state.add(word);
    }
    state.add(last);
    state.v2 ^= 0xff;
    state.round();
    state.round();
    state.round();
    return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

// Any key without padding. The hash covers the key's length.
template <typename Key>
std::uint64_t hash_key(const Key& key, const HashKey& secret) noexcept {
    static_assert(std::has_unique_object_representations_v<Key>);
    constexpr std::size_t kRest = sizeof(Key) % 8;
    std::array<std::uint64_t, sizeof(Key) / 8> words;
    std::memcpy(words.data(), &key, sizeof words);
    std::uint64_t rest = 0;
    std::memcpy(&rest, reinterpret_cast<const char*>(&key) + sizeof words, kRest);
    return sip_hash(words, std::uint64_t{sizeof key} << 56 | rest, secret);
}

// A key of IPv4 addresses is hashed in its compact form, in six rounds instead of nine.
[[gnu::noinline]] inline std::uint64_t hash_flow(const FlowKey& key,
                                                 const HashKey& secret) noexcept {
    const KeyWords words(key);
    if (words.wide) [[unlikely]] {
        return hash_key(key, secret);
    }
    return sip_hash(std::array{words.addresses, words.ports_and_vlans},
                    std::uint64_t{sizeof(CompactKey)} << 56 | words.rest, secret);
}

}  // namespace minerwall::flow

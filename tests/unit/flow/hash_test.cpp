#include "flow/hash.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "frames.hpp"

namespace minerwall::flow {
namespace {

using Octets = std::vector<std::uint8_t>;

std::uint64_t little(const std::uint8_t* p, std::size_t n) {
    std::uint64_t v = 0;
    for (std::size_t i = 0; i < n; ++i) {
        v |= std::uint64_t{p[i]} << (8 * i);
    }
    return v;
}

// SipHash-c-d over any number of bytes, written from the paper (Aumasson, Bernstein 2012, 2).
std::uint64_t siphash(unsigned c, unsigned d, std::uint64_t k0, std::uint64_t k1,
                      const Octets& in) {
    std::uint64_t v[4] = {0x736f6d6570736575 ^ k0, 0x646f72616e646f6d ^ k1, 0x6c7967656e657261 ^ k0,
                          0x7465646279746573 ^ k1};
    const auto rotl = [](std::uint64_t& x, unsigned b) { x = x << b | x >> (64 - b); };
    const auto rounds = [&](unsigned n) {
        for (; n != 0; --n) {
            v[0] += v[1], v[2] += v[3];
            rotl(v[1], 13), rotl(v[3], 16);
            v[1] ^= v[0], v[3] ^= v[2];
            rotl(v[0], 32);
            v[2] += v[1], v[0] += v[3];
            rotl(v[1], 17), rotl(v[3], 21);
            v[1] ^= v[2], v[3] ^= v[0];
            rotl(v[2], 32);
        }
    };
    const auto compress = [&](std::uint64_t m) {
        v[3] ^= m;
        rounds(c);
        v[0] ^= m;
    };
    std::size_t at = 0;
    for (; at + 8 <= in.size(); at += 8) {
        compress(little(in.data() + at, 8));
    }
    compress(little(in.data() + at, in.size() - at) | std::uint64_t{in.size() & 0xff} << 56);
    v[2] ^= 0xff;
    rounds(d);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

Octets counting(std::size_t n) {
    Octets out(n);
    for (std::size_t i = 0; i < n; ++i) {
        out[i] = static_cast<std::uint8_t>(i);
    }
    return out;
}
constexpr std::uint64_t kK0 = 0x0706050403020100;
constexpr std::uint64_t kK1 = 0x0f0e0d0c0b0a0908;

TEST(FlowHash, TheReferenceGivesThePublishedAnswers) {
    // Appendix A of the paper, and the first vector of the authors' 64-bit list.
    EXPECT_EQ(siphash(2, 4, kK0, kK1, counting(15)), 0xa129ca6149be45e5);
    EXPECT_EQ(siphash(2, 4, kK0, kK1, {}), 0x726fdb47dd0e0e31);
    EXPECT_EQ(siphash(1, 3, kK0, kK1, {}), 0xabac0158050fc4dc);
}

TEST(FlowHash, IsSipHash13OfTheKeysBytes) {
    FlowKey key;
    const Octets bytes = counting(sizeof key);
    std::memcpy(static_cast<void*>(&key), bytes.data(), sizeof key);
    EXPECT_EQ(hash_key(key, {kK0, kK1}), siphash(1, 3, kK0, kK1, bytes));

    for (std::uint32_t n = 0; n < 1000; ++n) {
        key = key_number(n * 2654435761u);
        const auto* first = reinterpret_cast<const std::uint8_t*>(&key);
        const HashKey secret{n * 0x9e3779b97f4a7c15ULL, ~std::uint64_t{n}};
        ASSERT_EQ(hash_key(key, secret),
                  siphash(1, 3, secret.k0, secret.k1, {first, first + sizeof key}));
    }
}

TEST(FlowHash, DependsOnBothHalvesOfTheSecret) {
    const FlowKey key = key_number(1);
    EXPECT_NE(hash_key(key, {1, 2}), hash_key(key, {1, 3}));
    EXPECT_NE(hash_key(key, {1, 2}), hash_key(key, {2, 2}));
}

}  // namespace
}  // namespace minerwall::flow

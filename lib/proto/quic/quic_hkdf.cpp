// OpenSSL 3.0 marks the block functions as deprecated; the header says why we use them.
#define OPENSSL_API_COMPAT 0x10100000L

#include "proto/quic/quic_hkdf.hpp"

#include <algorithm>

namespace minerwall::proto {
namespace {

constexpr std::size_t kBlock = SHA256_CBLOCK;
constexpr std::size_t kMaxLabel = 16;

void start(SHA256_CTX& hash, std::array<std::uint8_t, kBlock> key, std::uint8_t pad) noexcept {
    for (std::uint8_t& byte : key) {
        byte ^= pad;
    }
    SHA256_Init(&hash);
    SHA256_Update(&hash, key.data(), key.size());
}

}  // namespace

HmacSha256::HmacSha256(Bytes key) noexcept {
    std::array<std::uint8_t, kBlock> padded{};
    if (key.size() > kBlock) {
        SHA256(key.data(), key.size(), padded.data());
    } else {
        std::copy(key.begin(), key.end(), padded.begin());
    }
    start(inner_, padded, 0x36);
    start(outer_, padded, 0x5c);
}

Sha256Digest HmacSha256::operator()(Bytes message) const noexcept {
    Sha256Digest digest;
    SHA256_CTX hash = inner_;
    SHA256_Update(&hash, message.data(), message.size());
    SHA256_Final(digest.data(), &hash);
    hash = outer_;
    SHA256_Update(&hash, digest.data(), digest.size());
    SHA256_Final(digest.data(), &hash);
    return digest;
}

void hkdf_expand_label(const HmacSha256& secret, std::string_view label,
                       MutableBytes out) noexcept {
    constexpr std::string_view kPrefix = "tls13 ";
    // struct { uint16 length; opaque label<7..255>; opaque context<0..255>; } and T(1)'s counter
    std::array<std::uint8_t, 2 + 1 + kPrefix.size() + kMaxLabel + 1 + 1> info{};
    label = label.substr(0, kMaxLabel);
    const std::size_t size = std::min(out.size(), Sha256Digest{}.size());
    store_be16(info.data(), static_cast<std::uint16_t>(size));
    info[2] = static_cast<std::uint8_t>(kPrefix.size() + label.size());
    auto end = std::copy(kPrefix.begin(), kPrefix.end(), info.begin() + 3);
    end = std::copy(label.begin(), label.end(), end);
    *end++ = 0;
    *end++ = 1;
    const auto used = static_cast<std::size_t>(end - info.begin());
    const Sha256Digest block = secret(Bytes{info.data(), used});
    std::copy_n(block.begin(), size, out.begin());
}

}  // namespace minerwall::proto

// HKDF over SHA-256 (RFC 5869) with TLS 1.3's labels (RFC 8446, 7.1), as QUIC uses it for the keys
// of its Initials: short secrets, outputs of at most one hash.
//
// OpenSSL 3.0's EVP digest, MAC and KDF contexts allocate each time they are started again (one,
// five and thirteen allocations with 3.0.22). So we use its SHA-256 block functions, which keep
// their state on the stack. Never allocates; fast path, any thread.
#pragma once

#include <openssl/sha.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"

namespace minerwall::proto {

using Sha256Digest = std::array<std::uint8_t, 32>;

// RFC 2104 under one key; the constructor computes what depends only on the key.
class HmacSha256 {
  public:
    explicit HmacSha256(Bytes key) noexcept;
    Sha256Digest operator()(Bytes message) const noexcept;

  private:
    SHA256_CTX inner_, outer_;
};

inline Sha256Digest hkdf_extract(Bytes salt, Bytes secret) noexcept {
    return HmacSha256(salt)(secret);
}

// HKDF-Expand-Label with an empty context; `secret` is the key of the HMAC. `label` without its
// "tls13 ", at most 16 characters; writes at most 32 bytes to `out`.
void hkdf_expand_label(const HmacSha256& secret, std::string_view label, MutableBytes out) noexcept;

}  // namespace minerwall::proto

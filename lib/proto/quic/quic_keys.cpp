#include "proto/quic/quic_keys.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <string_view>

#include "proto/quic/quic_hkdf.hpp"

namespace minerwall::proto {
namespace {

constexpr std::size_t kTag = 16;
constexpr std::size_t kSample = 16;
constexpr std::size_t kSampleDistance = 4;  // from the packet number's start, whatever its size

using Salt = std::array<std::uint8_t, 20>;

// RFC 9001, 5.2.
constexpr Salt kSaltV1 = {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
                          0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a};
// RFC 9369, 3.3.1.
constexpr Salt kSaltV2 = {0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
                          0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9};
// draft-ietf-quic-tls-29, 5.2.
constexpr Salt kSaltDraft29 = {0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97,
                               0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99};

struct Scheme {
    const Salt* salt;
    std::string_view key, iv, header_key;
};
constexpr Scheme kSchemeV1 = {&kSaltV1, "quic key", "quic iv", "quic hp"};
constexpr Scheme kSchemeV2 = {&kSaltV2, "quicv2 key", "quicv2 iv", "quicv2 hp"};
constexpr Scheme kSchemeDraft29 = {&kSaltDraft29, "quic key", "quic iv", "quic hp"};

const Scheme* scheme_of(QuicVersion version) noexcept {
    switch (version) {
        case QuicVersion::v1:
            return &kSchemeV1;
        case QuicVersion::v2:
            return &kSchemeV2;
        case QuicVersion::draft29:
            return &kSchemeDraft29;
        case QuicVersion::unknown:
            break;
    }
    return nullptr;
}

}  // namespace

bool derive_quic_initial_keys(QuicVersion version, Bytes destination_id, QuicRole role,
                              QuicInitialKeys& out) noexcept {
    const Scheme* scheme = scheme_of(version);
    if (scheme == nullptr) {
        return false;
    }
    const Sha256Digest initial = hkdf_extract(*scheme->salt, destination_id);
    Sha256Digest side_secret;
    hkdf_expand_label(HmacSha256(initial), role == QuicRole::client ? "client in" : "server in",
                      side_secret);
    const HmacSha256 secret(side_secret);
    hkdf_expand_label(secret, scheme->key, out.key);
    hkdf_expand_label(secret, scheme->iv, out.iv);
    hkdf_expand_label(secret, scheme->header_key, out.header_key);
    return true;
}

std::uint64_t decode_quic_packet_number(std::uint64_t truncated, unsigned bytes,
                                        std::uint64_t expected) noexcept {
    const std::uint64_t window = std::uint64_t{1} << (8 * bytes);
    const std::uint64_t half = window / 2;
    const std::uint64_t candidate = (expected & ~(window - 1)) | truncated;
    if (candidate + half <= expected && candidate < (std::uint64_t{1} << 62) - window) {
        return candidate + window;
    }
    if (candidate > expected + half && candidate >= window) {
        return candidate - window;
    }
    return candidate;
}

const QuicInitialKeys* QuicOpener::client_keys(QuicVersion version, Bytes destination_id) noexcept {
    for (const Known& known : known_) {
        if (known.version == version && version != QuicVersion::unknown &&
            std::equal(destination_id.begin(), destination_id.end(), known.id.begin(),
                       known.id.begin() + known.id_size)) {
            return &known.keys;
        }
    }
    Known& fresh = known_[next_];
    fresh.version = QuicVersion::unknown;
    if (destination_id.size() > fresh.id.size() ||
        !derive_quic_initial_keys(version, destination_id, QuicRole::client, fresh.keys)) {
        return nullptr;
    }
    fresh.version = version;
    fresh.id_size = static_cast<std::uint8_t>(destination_id.size());
    std::copy(destination_id.begin(), destination_id.end(), fresh.id.begin());
    next_ = static_cast<std::uint8_t>((next_ + 1) % known_.size());
    return &fresh.keys;
}

bool QuicOpener::open(const QuicInitialKeys& keys, Bytes packet, std::size_t number_offset,
                      std::uint64_t expected, QuicOpened& out) noexcept {
    if (packet.size() > kMaxPacket || number_offset == 0 || number_offset > packet.size() ||
        packet.size() - number_offset < kSampleDistance + kSample) {
        return false;
    }
    Unmasked header;
    if (!unmask(keys, packet, number_offset, header)) {
        return false;
    }
    std::uint64_t truncated = 0;
    for (unsigned i = 0; i < header.number_size; ++i) {
        truncated = (truncated << 8) | header.number[i];
    }
    const std::uint64_t number = decode_quic_packet_number(truncated, header.number_size, expected);
    // The server may have seen fewer packets than we did, and then it counts from 0. Otherwise a
    // packet that is dropped behind us on purpose would hide the next one.
    return decrypt(keys, packet, number_offset, header, number, out) ||
           (number != truncated && decrypt(keys, packet, number_offset, header, truncated, out));
}

bool QuicOpener::unmask(const QuicInitialKeys& keys, Bytes packet, std::size_t number_offset,
                        Unmasked& out) noexcept {
    std::array<std::uint8_t, kSample> mask;
    int size = 0;
    const std::uint8_t* sample = packet.data() + number_offset + kSampleDistance;
    if (EVP_EncryptInit_ex2(ecb_context_.get(), nullptr, keys.header_key.data(), nullptr,
                            nullptr) != 1 ||
        EVP_EncryptUpdate(ecb_context_.get(), mask.data(), &size, sample, kSample) != 1 ||
        size != static_cast<int>(kSample)) {
        return false;
    }
    out.first = packet[0] ^ (mask[0] & 0x0f);
    out.number_size = (out.first & 3u) + 1;
    for (unsigned i = 0; i < out.number_size; ++i) {
        out.number[i] = packet[number_offset + i] ^ mask[i + 1];
    }
    return true;
}

bool QuicOpener::decrypt(const QuicInitialKeys& keys, Bytes packet, std::size_t number_offset,
                         const Unmasked& header, std::uint64_t number, QuicOpened& out) noexcept {
    const Bytes sealed = packet.subspan(number_offset + header.number_size);
    const std::size_t plain_size = sealed.size() - kTag;
    std::array<std::uint8_t, 12> nonce = keys.iv;
    for (unsigned i = 0; i < 8; ++i) {
        nonce[11 - i] = static_cast<std::uint8_t>(nonce[11 - i] ^ (number >> (8 * i)));
    }
    // OpenSSL only reads it; the parameter lacks a const.
    std::array<std::uint8_t, kTag> tag;
    std::memcpy(tag.data(), sealed.data() + plain_size, kTag);

    EVP_CIPHER_CTX* gcm = gcm_context_.get();
    int size = 0;
    // The associated data is the unprotected header, in three pieces.
    const bool ok =
        EVP_DecryptInit_ex2(gcm, nullptr, keys.key.data(), nonce.data(), nullptr) == 1 &&
        EVP_DecryptUpdate(gcm, nullptr, &size, &header.first, 1) == 1 &&
        EVP_DecryptUpdate(gcm, nullptr, &size, packet.data() + 1,
                          static_cast<int>(number_offset - 1)) == 1 &&
        EVP_DecryptUpdate(gcm, nullptr, &size, header.number.data(),
                          static_cast<int>(header.number_size)) == 1 &&
        EVP_DecryptUpdate(gcm, plain_.get(), &size, sealed.data(), static_cast<int>(plain_size)) ==
            1 &&
        EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kTag), tag.data()) == 1 &&
        EVP_DecryptFinal_ex(gcm, plain_.get() + plain_size, &size) == 1;
    if (!ok) {
        return false;
    }
    out.payload = Bytes{plain_.get(), plain_size};
    out.packet_number = number;
    return true;
}

}  // namespace minerwall::proto

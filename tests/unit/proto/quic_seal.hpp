// Writes and seals Initials with OpenSSL's own HKDF and AEAD interfaces, independent of the code
// under test. Not for the path; throws on failure.
#pragma once

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace minerwall::proto::quic_seal {

using Data = std::vector<std::uint8_t>;

inline constexpr std::uint32_t kV1 = 0x00000001, kV2 = 0x6b3343cf, kDraft29 = 0xff00001d;
inline const Data kId = {0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08};

inline void require(bool holds) {
    if (!holds) {
        throw std::runtime_error("quic_seal");
    }
}
inline void add(Data& to, const Data& more) {
    to.insert(to.end(), more.begin(), more.end());
}
inline Data slice(const Data& from, std::size_t at, std::size_t n) {
    const auto begin = from.begin() + static_cast<std::ptrdiff_t>(at);
    return {begin, begin + static_cast<std::ptrdiff_t>(std::min(n, from.size() - at))};
}
inline Data unhex(const std::string& text) {
    Data out;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        out.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
    }
    return out;
}
// The shortest encoding, or one of `size` bytes (1, 2, 4, 8).
inline Data varint(std::uint64_t value, unsigned size = 0) {
    unsigned log = 0;
    while (log < 3 && (size != 0 ? (1u << log) < size : value >> ((8u << log) - 2) != 0)) {
        ++log;
    }
    Data out(std::size_t{1} << log);
    for (std::size_t i = out.size(); i-- > 0; value >>= 8) {
        out[i] = static_cast<std::uint8_t>(value);
    }
    out[0] = static_cast<std::uint8_t>(out[0] | (log << 6));
    return out;
}
inline Data crypto(std::uint64_t offset, const Data& bytes) {
    Data out{6};
    add(out, varint(offset));
    add(out, varint(bytes.size()));
    add(out, bytes);
    return out;
}

struct Keys {
    Data key, iv, header_key;
};

inline Data hkdf(int mode, const Data& key, const Data& salt_or_info, std::size_t size) {
    const std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> kdf(
        EVP_KDF_fetch(nullptr, "HKDF", nullptr), EVP_KDF_free);
    const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(
        EVP_KDF_CTX_new(kdf.get()), EVP_KDF_CTX_free);
    char digest[] = "SHA256";
    Data k = key, s = salt_or_info, out(size);
    const bool extract = mode == EVP_KDF_HKDF_MODE_EXTRACT_ONLY;
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, k.data(), k.size()),
        OSSL_PARAM_construct_octet_string(extract ? OSSL_KDF_PARAM_SALT : OSSL_KDF_PARAM_INFO,
                                          s.data(), s.size()),
        OSSL_PARAM_construct_end()};
    require(EVP_KDF_derive(context.get(), out.data(), out.size(), params) == 1);
    return out;
}
inline Data expand_label(const Data& secret, const std::string& label, std::size_t size) {
    const std::string full = "tls13 " + label;
    Data info{0, static_cast<std::uint8_t>(size), static_cast<std::uint8_t>(full.size())};
    info.insert(info.end(), full.begin(), full.end());
    info.push_back(0);
    return hkdf(EVP_KDF_HKDF_MODE_EXPAND_ONLY, secret, info, size);
}
inline Keys keys(std::uint32_t version, const Data& id, bool server = false) {
    const Data salt = unhex(version == kV2        ? "0dede3def700a6db819381be6e269dcbf9bd2ed9"
                            : version == kDraft29 ? "afbfec289993d24c9e9786f19c6111e04390a899"
                                                  : "38762cf7f55934b34d179ae6a4c80cadccbb7f0a");
    const std::string prefix = version == kV2 ? "quicv2 " : "quic ";
    // OpenSSL's HKDF needs a key of at least one byte, but an ID may be empty.
    Data initial(32);
    if (id.empty()) {
        std::size_t n = 0;
        unsigned char none = 0;
        require(EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, salt.data(), salt.size(),
                          &none, 0, initial.data(), initial.size(), &n) != nullptr);
    } else {
        initial = hkdf(EVP_KDF_HKDF_MODE_EXTRACT_ONLY, id, salt, 32);
    }
    const Data secret = expand_label(initial, server ? "server in" : "client in", 32);
    return {expand_label(secret, prefix + "key", 16), expand_label(secret, prefix + "iv", 12),
            expand_label(secret, prefix + "hp", 16)};
}

struct Initial {
    std::uint32_t version = kV1;
    Data id = kId;        // Destination Connection ID on the wire
    Data keys_from = {};  // the ID of the keys; if empty, `id`
    Data source = {};
    Data token = {};
    std::uint64_t number = 0;
    unsigned number_size = 4;
    std::uint8_t first = 0xc0;  // 0x80 for a greased fixed bit
    bool server = false;
};

inline Data cipher(const char* name, const Data& key, const Data* iv, const Data& head,
                   const Data& plain, Data* tag) {
    const std::unique_ptr<EVP_CIPHER, decltype(&EVP_CIPHER_free)> type(
        EVP_CIPHER_fetch(nullptr, name, nullptr), EVP_CIPHER_free);
    const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
        EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    Data out(plain.size() + 16);
    int n = 0, m = 0;
    require(EVP_EncryptInit_ex2(context.get(), type.get(), key.data(),
                                iv != nullptr ? iv->data() : nullptr, nullptr) == 1);
    EVP_CIPHER_CTX_set_padding(context.get(), 0);
    if (!head.empty()) {
        require(EVP_EncryptUpdate(context.get(), nullptr, &n, head.data(),
                                  static_cast<int>(head.size())) == 1);
    }
    require(EVP_EncryptUpdate(context.get(), out.data(), &n, plain.data(),
                              static_cast<int>(plain.size())) == 1);
    require(EVP_EncryptFinal_ex(context.get(), out.data() + n, &m) == 1);
    out.resize(static_cast<std::size_t>(n + m));
    if (tag != nullptr) {
        tag->resize(16);
        require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, 16, tag->data()) == 1);
    }
    return out;
}

// The packet on the wire. Pads a payload that is too short for header protection's sample.
inline Data seal(const Initial& in, Data payload) {
    if (payload.size() < 4) {
        payload.resize(4);
    }
    const Keys k = keys(in.version, in.keys_from.empty() ? in.id : in.keys_from, in.server);
    const unsigned type = in.version == kV2 ? 1 : 0;
    Data head{static_cast<std::uint8_t>(in.first | (type << 4) | (in.number_size - 1)), 0, 0, 0, 0};
    store_be32(head.data() + 1, in.version);
    for (const Data* id : {&in.id, &in.source}) {
        head.push_back(static_cast<std::uint8_t>(id->size()));
        add(head, *id);
    }
    add(head, varint(in.token.size()));
    add(head, in.token);
    const std::size_t length = in.number_size + payload.size() + 16;
    add(head, varint(length, length < 16384 ? 2 : 4));
    const std::size_t number_at = head.size();
    for (unsigned i = in.number_size; i-- > 0;) {
        head.push_back(static_cast<std::uint8_t>(in.number >> (8 * i)));
    }
    Data nonce = k.iv, tag;
    for (unsigned i = 0; i < 8; ++i) {
        nonce[11 - i] = static_cast<std::uint8_t>(nonce[11 - i] ^ (in.number >> (8 * i)));
    }
    Data packet = head;
    add(packet, cipher("AES-128-GCM", k.key, &nonce, head, payload, &tag));
    add(packet, tag);
    const Data mask =
        cipher("AES-128-ECB", k.header_key, nullptr, {}, slice(packet, number_at + 4, 16), nullptr);
    packet[0] = static_cast<std::uint8_t>(packet[0] ^ (mask[0] & 0x0f));
    for (unsigned i = 0; i < in.number_size; ++i) {
        packet[number_at + i] = static_cast<std::uint8_t>(packet[number_at + i] ^ mask[1 + i]);
    }
    return packet;
}

}  // namespace minerwall::proto::quic_seal

// Creates an opener: control plane, may throw. quic_keys.cpp uses it.
#include <openssl/evp.h>

#include <new>
#include <stdexcept>
#include <string>

#include "proto/quic/quic_keys.hpp"

namespace minerwall::proto {

void QuicOpener::Free::operator()(EVP_CIPHER* cipher) const noexcept {
    EVP_CIPHER_free(cipher);
}
void QuicOpener::Free::operator()(EVP_CIPHER_CTX* context) const noexcept {
    EVP_CIPHER_CTX_free(context);
}

QuicOpener::Cipher QuicOpener::fetch(const char* name) {
    Cipher cipher(EVP_CIPHER_fetch(nullptr, name, nullptr));
    if (cipher == nullptr) {
        throw std::runtime_error(std::string("libcrypto has no ") + name);
    }
    return cipher;
}

QuicOpener::Context QuicOpener::make_context() {
    Context context(EVP_CIPHER_CTX_new());
    if (context == nullptr) {
        throw std::bad_alloc();
    }
    return context;
}

QuicOpener::QuicOpener()
    : gcm_(fetch("AES-128-GCM")),
      ecb_(fetch("AES-128-ECB")),
      gcm_context_(make_context()),
      ecb_context_(make_context()),
      plain_(std::make_unique<std::uint8_t[]>(kMaxPacket)) {
    if (EVP_DecryptInit_ex2(gcm_context_.get(), gcm_.get(), nullptr, nullptr, nullptr) != 1 ||
        EVP_EncryptInit_ex2(ecb_context_.get(), ecb_.get(), nullptr, nullptr, nullptr) != 1 ||
        EVP_CIPHER_CTX_set_padding(ecb_context_.get(), 0) != 1) {
        throw std::runtime_error("libcrypto cannot start AES-128");
    }
}

QuicOpener::~QuicOpener() = default;

}  // namespace minerwall::proto

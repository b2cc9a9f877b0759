#include "proto/tls/ja4.hpp"

#include <algorithm>
#include <array>
#include <span>

// OpenSSL 3's one-shot and EVP calls allocate each time or need a stored context; the low-level
// calls use only the stack.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

namespace minerwall::proto {
namespace {

constexpr char kHex[] = "0123456789abcdef";
constexpr std::size_t kHashDigits = 12;
enum : std::uint16_t { kServerName = 0, kAlpn = 16 };

using Words = std::span<const std::uint16_t>;

char high_digit(std::uint8_t byte) noexcept {
    return kHex[byte >> 4];
}
char low_digit(std::uint8_t byte) noexcept {
    return kHex[byte & 0xf];
}
bool is_alphanumeric(std::uint8_t c) noexcept {
    const std::uint8_t lower = to_lower(c);
    return is_digit(c) || (lower >= 'a' && lower <= 'z');
}

std::string_view version_text(std::uint16_t version) noexcept {
    switch (version) {
        case 0x0304:
            return "13";
        case 0x0303:
            return "12";
        case 0x0302:
            return "11";
        case 0x0301:
            return "10";
        case 0x0300:
            return "s3";
        default:
            return "00";
    }
}

void append_count(Ja4Text& out, unsigned count) noexcept {
    count = std::min(count, 99u);
    out.push_back(static_cast<char>('0' + count / 10));
    out.push_back(static_cast<char>('0' + count % 10));
}

// If a protocol begins or ends with another byte, JA4 uses its hexadecimal digits instead.
void append_alpn(Ja4Text& out, const ClientHelloLists& lists) noexcept {
    const std::uint8_t first = lists.alpn_first;
    const std::uint8_t last = lists.alpn_last;
    if (lists.alpn_size == 0) {
        out.append("00");
    } else if (is_alphanumeric(first) && is_alphanumeric(last)) {
        out.push_back(static_cast<char>(first));
        out.push_back(static_cast<char>(last));
    } else {
        out.push_back(high_digit(first));
        out.push_back(low_digit(last));
    }
}

// The text to hash: words in hexadecimal, separated by commas, and the two lists by an underscore.
class HashText {
  public:
    void append(Words words) noexcept {
        for (std::size_t i = 0; i < words.size(); ++i) {
            const auto high = static_cast<std::uint8_t>(words[i] >> 8);
            const auto low = static_cast<std::uint8_t>(words[i]);
            if (i != 0) {
                push_back(',');
            }
            push_back(high_digit(high));
            push_back(low_digit(high));
            push_back(high_digit(low));
            push_back(low_digit(low));
        }
    }
    void push_back(char c) noexcept { text_[size_++] = c; }

    void append_hash(Ja4Text& out) const noexcept {
        std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest;
        SHA256_CTX context;
        SHA256_Init(&context);
        SHA256_Update(&context, text_.data(), size_);
        SHA256_Final(digest.data(), &context);
        for (std::size_t i = 0; i < kHashDigits / 2; ++i) {
            out.push_back(high_digit(digest[i]));
            out.push_back(low_digit(digest[i]));
        }
    }

  private:
    static constexpr std::size_t kMaxWords =
        std::max(ClientHelloLists::kMaxCiphers,
                 ClientHelloLists::kMaxExtensions + ClientHelloLists::kMaxAlgorithms);
    std::array<char, kMaxWords * 5> text_;  // a word and its separator
    std::size_t size_ = 0;
};

void append_nothing(Ja4Text& out) noexcept {
    for (std::size_t i = 0; i < kHashDigits; ++i) {
        out.push_back('0');
    }
}

void append_ciphers(Ja4Text& out, const ClientHelloLists& lists) noexcept {
    if (lists.cipher_count == 0) {
        return append_nothing(out);
    }
    std::array<std::uint16_t, ClientHelloLists::kMaxCiphers> sorted;
    const auto end = std::copy_n(lists.ciphers.begin(), lists.cipher_count, sorted.begin());
    std::sort(sorted.begin(), end);
    HashText text;
    text.append(Words{sorted}.first(lists.cipher_count));
    text.append_hash(out);
}

void append_extensions(Ja4Text& out, const ClientHelloLists& lists) noexcept {
    std::array<std::uint16_t, ClientHelloLists::kMaxExtensions> sorted;
    const auto end = std::copy_if(
        lists.extensions.begin(), lists.extensions.begin() + lists.extension_count, sorted.begin(),
        [](std::uint16_t type) { return type != kServerName && type != kAlpn; });
    if (end == sorted.begin()) {
        return append_nothing(out);
    }
    std::sort(sorted.begin(), end);
    HashText text;
    text.append({sorted.begin(), end});
    if (lists.algorithm_count != 0) {
        text.push_back('_');
        text.append(Words{lists.algorithms}.first(lists.algorithm_count));
    }
    text.append_hash(out);
}

}  // namespace

Ja4Text ja4(const ClientHelloInfo& hello, char transport) noexcept {
    Ja4Text out;
    const ClientHelloLists& lists = hello.lists;
    if (lists.truncated) {
        return out;
    }
    out.push_back(transport);
    out.append(version_text(hello.highest_version));
    out.push_back(hello.has_sni_extension ? 'd' : 'i');
    append_count(out, lists.cipher_count);
    append_count(out, lists.extension_count);
    append_alpn(out, lists);
    out.push_back('_');
    append_ciphers(out, lists);
    out.push_back('_');
    append_extensions(out, lists);
    return out;
}

}  // namespace minerwall::proto

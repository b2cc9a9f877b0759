// A name's hash, the same from its bytes in a message as from its text. It compares the owners of
// many records without writing each one out. Part of dns_answers.cpp.
//
// FNV-1a over lower-case letters, with a mark between labels. It has no seed: a sender who can make
// two names collide wrote the whole message, and could write the other name directly.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "proto/dns/dns.hpp"

namespace minerwall::proto {

class DnsNameHash {
  public:
    void add_byte(std::uint8_t byte) noexcept { mix(to_lower(byte)); }
    void add_dot() noexcept { mix(0x100); }
    std::uint64_t value() const noexcept { return value_; }

  private:
    void mix(std::uint32_t symbol) noexcept { value_ = (value_ ^ symbol) * 0x100000001b3u; }
    std::uint64_t value_ = 0xcbf29ce484222325u;
};

// Hashes a text in HostText's form.
inline std::uint64_t hash_dns_text(std::string_view text) noexcept {
    DnsNameHash hash;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '.') {
            hash.add_dot();
        } else if (text[i] == '\\' && text.size() - i > 3) {
            const int value =
                (text[i + 1] - '0') * 100 + (text[i + 2] - '0') * 10 + text[i + 3] - '0';
            hash.add_byte(static_cast<std::uint8_t>(value));
            i += 3;
        } else {
            hash.add_byte(static_cast<std::uint8_t>(text[i]));
        }
    }
    return hash.value();
}

// Hashes the name at `at` under the rules of read_dns_name(). False if the name breaks them.
inline bool hash_dns_name(Bytes message, std::size_t at, std::uint64_t& out) noexcept {
    DnsNameHash hash;
    std::size_t run = at;
    std::size_t wire_size = 1;
    unsigned jumps = 0;
    while (at < message.size()) {
        const std::uint8_t length = message[at];
        if (length >= 0xc0) {
            if (at + 2 > message.size()) {
                return false;
            }
            const std::size_t target = load_be16(message.data() + at) & 0x3fffu;
            if (target >= run || ++jumps > kMaxDnsJumps) {
                return false;
            }
            run = at = target;
            continue;
        }
        if (length == 0) {
            out = hash.value();
            return true;
        }
        if (wire_size != 1) {
            hash.add_dot();
        }
        wire_size += std::size_t{1} + length;
        ++at;
        if (length > 63 || wire_size > kMaxDnsNameSize || length > message.size() - at) {
            return false;
        }
        for (const std::uint8_t byte : message.subspan(at, length)) {
            hash.add_byte(byte);
        }
        at += length;
    }
    return false;
}

}  // namespace minerwall::proto

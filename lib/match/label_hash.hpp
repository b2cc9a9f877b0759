// The keyed hash of a domain name, last label first, which is valid at each label border. A folded
// 64 x 64 bit multiplication per eight bytes, after wyhash (Wang Yi, public domain).
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace minerwall::match {

class LabelHash {
  public:
    explicit LabelHash(const std::uint64_t (&key)[2]) noexcept : key_(key[1]), state_(key[0]) {}

    // Adds the next label to the left and returns the hash of the suffix that starts with it.
    std::uint64_t add(std::string_view label) noexcept {
        const char* p = label.data();
        std::size_t left = label.size();
        for (; left > 8; left -= 8, p += 8) {
            state_ = fold(state_ ^ load(p, 8), key_ ^ 0xa0761d6478bd642f);
        }
        state_ = fold(state_ ^ load(p, left), key_ ^ 0xe7037ed1a0b428db);
        // The length distinguishes "ab" + "c" from "a" + "bc".
        state_ = fold(state_ ^ label.size(), key_ ^ 0x8ebc6af09c88c6e3);
        return state_;
    }

  private:
    // n <= 8 bytes as one number, without a call for the odd lengths. Different texts of one length
    // give different numbers, and the hash covers the length as well.
    static std::uint64_t load(const char* p, std::size_t n) noexcept {
        if (n >= 4) {
            std::uint32_t first, last;
            std::memcpy(&first, p, 4);
            std::memcpy(&last, p + n - 4, 4);
            return std::uint64_t{first} << 32 | last;
        }
        if (n == 0) {
            return 0;
        }
        const auto byte = [p](std::size_t i) { return static_cast<std::uint8_t>(p[i]); };
        return std::uint64_t{byte(0)} << 16 | std::uint64_t{byte(n / 2)} << 8 | byte(n - 1);
    }
    static std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
        __extension__ using Wide = unsigned __int128;
        const Wide product = static_cast<Wide>(a) * b;
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    }

    std::uint64_t key_;
    std::uint64_t state_;
};

}  // namespace minerwall::match

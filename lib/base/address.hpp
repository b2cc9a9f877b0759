// An IPv4 or IPv6 address in network byte order, one type for both.
//
// IPv4 is held as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2), so that a key is always 16 bytes. A native
// IPv6 packet that carries a mapped address compares equal to the IPv4 one. Such packets must not
// appear on a wire (RFC 4942, 2.2), and a filter wants to judge both alike.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace minerwall {

struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};

    static IpAddress v4(const std::uint8_t* four) noexcept {
        IpAddress a;
        // Stored in 8-byte words because it is loaded so: a load after smaller stores stalls.
        std::uint32_t quad;
        std::memcpy(&quad, four, 4);
        const std::uint64_t low = std::uint64_t{quad} << 32 | 0xffff0000u;
        static_assert(std::endian::native == std::endian::little);
        std::memcpy(a.bytes.data() + 8, &low, 8);
        return a;
    }
    static IpAddress v6(const std::uint8_t* sixteen) noexcept {
        IpAddress a;
        std::memcpy(a.bytes.data(), sixteen, 16);
        return a;
    }
    bool is_v4() const noexcept {
        static constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
        return std::memcmp(bytes.data(), kMapped, sizeof kMapped) == 0;
    }
    const std::uint8_t* v4_bytes() const noexcept { return bytes.data() + 12; }

    friend bool operator==(const IpAddress& a, const IpAddress& b) noexcept {
        return std::memcmp(a.bytes.data(), b.bytes.data(), 16) == 0;
    }
    friend bool operator<(const IpAddress& a, const IpAddress& b) noexcept {
        return std::memcmp(a.bytes.data(), b.bytes.data(), 16) < 0;
    }
};

// Dotted quad or RFC 5952 text, without zone and prefix length. For anything else it returns false
// and leaves `out` unchanged. Fast path.
bool read_address(std::string_view text, IpAddress& out) noexcept;

// Dotted quad or RFC 5952 text; nullopt for anything else (no zone, no prefix length). Both
// functions are for the control plane: they allocate.
std::optional<IpAddress> parse_address(std::string_view text);
std::string to_text(const IpAddress& address);

}  // namespace minerwall

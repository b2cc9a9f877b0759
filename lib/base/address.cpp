#include "base/address.hpp"

#include <arpa/inet.h>

namespace minerwall {

bool read_address(std::string_view text, IpAddress& out) noexcept {
    char z[INET6_ADDRSTRLEN];
    if (text.empty() || text.size() >= sizeof z || text.find('\0') != std::string_view::npos) {
        return false;
    }
    std::memcpy(z, text.data(), text.size());
    z[text.size()] = '\0';
    std::uint8_t raw[16];
    if (inet_pton(AF_INET, z, raw) == 1) {
        out = IpAddress::v4(raw);
        return true;
    }
    if (inet_pton(AF_INET6, z, raw) == 1) {
        out = IpAddress::v6(raw);
        return true;
    }
    return false;
}

std::optional<IpAddress> parse_address(std::string_view text) {
    IpAddress address;
    return read_address(text, address) ? std::optional(address) : std::nullopt;
}

std::string to_text(const IpAddress& address) {
    char out[INET6_ADDRSTRLEN];
    if (address.is_v4()) {
        inet_ntop(AF_INET, address.v4_bytes(), out, sizeof out);
    } else {
        inet_ntop(AF_INET6, address.bytes.data(), out, sizeof out);
    }
    return out;
}

}  // namespace minerwall

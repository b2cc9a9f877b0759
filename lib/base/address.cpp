#include "base/address.hpp"

#include <arpa/inet.h>

namespace minerwall {

std::optional<IpAddress> parse_address(std::string_view text) {
    const std::string z(text);
    if (z.find('\0') != std::string::npos) {
        return std::nullopt;
    }
    std::uint8_t raw[16];
    if (inet_pton(AF_INET, z.c_str(), raw) == 1) {
        return IpAddress::v4(raw);
    }
    if (inet_pton(AF_INET6, z.c_str(), raw) == 1) {
        return IpAddress::v6(raw);
    }
    return std::nullopt;
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

#include "path/verdict/target.hpp"

#include <charconv>

namespace minerwall::path {

bool split_target(std::string_view text, std::string_view& host, std::uint16_t& port) noexcept {
    if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos) {
        text.remove_prefix(scheme + 3);
    }
    text = text.substr(0, text.find('/'));
    port = 0;
    std::string_view digits;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) {
            return false;
        }
        host = text.substr(1, end - 1);
        digits = text.substr(end + 1);
    } else {
        const std::size_t colon = text.rfind(':');
        const bool one = colon != std::string_view::npos && text.find(':') == colon;
        host = one ? text.substr(0, colon) : text;
        digits = one ? text.substr(colon) : std::string_view{};
    }
    if (!digits.empty()) {
        digits.remove_prefix(1);
        const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), port);
        if (end.ec != std::errc{} || end.ptr != digits.data() + digits.size()) {
            port = 0;
        }
    }
    while (host.ends_with('.')) {
        host.remove_suffix(1);
    }
    return !host.empty();
}

}  // namespace minerwall::path

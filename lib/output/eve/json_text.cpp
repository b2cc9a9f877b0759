#include "output/eve/json_text.hpp"

#include <array>

namespace minerwall::output {
namespace {

constexpr char kHex[] = "0123456789abcdef";

// Bytes that stand for themselves inside a JSON string: ASCII without controls, '"' and '\'.
constexpr std::array<bool, 256> kPlain = [] {
    std::array<bool, 256> plain{};
    for (unsigned c = 0x20; c < 0x7f; ++c) {
        plain[c] = c != '"' && c != '\\';
    }
    return plain;
}();

std::uint8_t byte(std::string_view s, std::size_t i) noexcept {
    return static_cast<std::uint8_t>(s[i]);
}

// Length of the well-formed UTF-8 sequence at s[i] (Unicode, table 3-7), or 0. The C1 controls
// U+0080 … U+009F count as malformed, because a terminal that shows the log may obey them.
std::size_t utf8_length(std::string_view s, std::size_t i) noexcept {
    const auto tail = [&](std::size_t at, std::uint8_t low = 0x80, std::uint8_t high = 0xbf) {
        return at < s.size() && byte(s, at) >= low && byte(s, at) <= high;
    };
    const std::uint8_t lead = byte(s, i);
    if (lead >= 0xc2 && lead <= 0xdf) {
        return tail(i + 1, lead == 0xc2 ? 0xa0 : 0x80) ? 2 : 0;
    }
    if (lead >= 0xe0 && lead <= 0xef) {
        const std::uint8_t low = lead == 0xe0 ? 0xa0 : 0x80;   // no overlong form
        const std::uint8_t high = lead == 0xed ? 0x9f : 0xbf;  // no surrogate
        return tail(i + 1, low, high) && tail(i + 2) ? 3 : 0;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        const std::uint8_t low = lead == 0xf0 ? 0x90 : 0x80;
        const std::uint8_t high = lead == 0xf4 ? 0x8f : 0xbf;  // not beyond U+10FFFF
        return tail(i + 1, low, high) && tail(i + 2) && tail(i + 3) ? 4 : 0;
    }
    return 0;
}

void append(fmt::memory_buffer& out, std::string_view s) {
    out.append(s.data(), s.data() + s.size());
}

void append_special(fmt::memory_buffer& out, std::uint8_t c) {
    switch (c) {
        case '"':
            return append(out, "\\\"");
        case '\\':
            return append(out, "\\\\");
        case '\n':
            return append(out, "\\n");
        case '\r':
            return append(out, "\\r");
        case '\t':
            return append(out, "\\t");
        default: {
            const char code[] = {'\\', 'u', '0', '0', kHex[c >> 4], kHex[c & 15]};
            out.append(code, code + sizeof code);
        }
    }
}

}  // namespace

void append_escaped(fmt::memory_buffer& out, std::string_view text) {
    std::size_t i = 0;
    while (i < text.size()) {
        const std::size_t run = i;
        while (i < text.size() && kPlain[byte(text, i)]) {
            ++i;
        }
        append(out, text.substr(run, i - run));
        if (i == text.size()) {
            return;
        }
        if (const std::size_t length = utf8_length(text, i); length != 0) {
            append(out, text.substr(i, length));
            i += length;
        } else {
            append_special(out, byte(text, i));
            ++i;
        }
    }
}

}  // namespace minerwall::output

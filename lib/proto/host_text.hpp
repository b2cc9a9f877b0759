// The common spelling of host names from all protocols (DNS, SNI, HTTP): lower case, no trailing
// dot, every byte outside [a-z0-9-_] as \DDD (RFC 4343, 2.1; RFC 1035, 5.1). So we print exactly
// what we match. Fast path, any thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "base/fixed_text.hpp"

namespace minerwall::proto {

using HostText = FixedText<253>;  // the longest name of RFC 1035 in text form

constexpr std::uint8_t to_lower(std::uint8_t c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<std::uint8_t>(c | 0x20) : c;
}
constexpr bool is_digit(std::uint8_t c) noexcept {
    return c >= '0' && c <= '9';
}
constexpr bool is_blank(std::uint8_t c) noexcept {
    return c == ' ' || c == '\t';
}
// A character of a host's label, in lower case.
constexpr bool is_label_char(std::uint8_t c) noexcept {
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
}

template <std::size_t N>
void append_escape(FixedText<N>& out, std::uint8_t byte) noexcept {
    const char text[4] = {'\\', static_cast<char>('0' + byte / 100),
                          static_cast<char>('0' + byte / 10 % 10),
                          static_cast<char>('0' + byte % 10)};
    out.append({text, sizeof text});
}

// Frees space for n more characters: drops the first quarter of the text, so that a long name costs
// O(1) per byte. A suffix match needs the end; without it a name could hide behind long first
// labels. A label that loses its beginning gets a `~`, which no name has, so that its rest does not
// count as a whole label.
template <std::size_t N>
void make_room(FixedText<N>& out, std::size_t n) noexcept {
    static_assert(N / 4 > 4, "room for an escape and the mark");
    if (N - out.size() >= n) {
        return;
    }
    const std::string_view text = out.view();
    std::array<char, N> kept;
    std::size_t size = 0;
    if (text[N / 4 - 1] != '.') {
        kept[size++] = '~';
    }
    std::memcpy(kept.data() + size, text.data() + N / 4, text.size() - N / 4);
    out.assign({kept.data(), size + text.size() - N / 4});
}

// Appends a byte of a label: a dot here is not a separator.
template <std::size_t N>
void append_label_byte(FixedText<N>& out, std::uint8_t byte) noexcept {
    const std::uint8_t c = to_lower(byte);
    if (is_label_char(c)) {
        make_room(out, 1);
        out.push_back(static_cast<char>(c));
    } else {
        make_room(out, 4);
        append_escape(out, byte);
    }
}

// For each byte its character in a label, or 0 if it needs an escape.
inline constexpr std::array<char, 256> kLabelText = [] {
    std::array<char, 256> text{};
    for (unsigned byte = 0; byte < text.size(); ++byte) {
        const std::uint8_t c = to_lower(static_cast<std::uint8_t>(byte));
        text[byte] = is_label_char(c) ? static_cast<char>(c) : '\0';
    }
    return text;
}();

// Appends the bytes of a label, as append_label_byte() does with each. A DNS server's worker spends
// most of its time here, so a run of plain characters costs one copy.
template <std::size_t N>
void append_label(FixedText<N>& out, std::span<const std::uint8_t> bytes) noexcept {
    while (!bytes.empty()) {
        std::array<char, 63> run;  // the longest label of RFC 1035, 2.3.4
        const std::size_t limit = std::min({bytes.size(), run.size(), N - out.size()});
        std::size_t size = 0;
        while (size < limit && (run[size] = kLabelText[bytes[size]]) != '\0') {
            ++size;
        }
        out.append({run.data(), size});
        bytes = bytes.subspan(size);
        if (size < run.size() && !bytes.empty()) {  // an escape, or no room
            append_label_byte(out, bytes.front());
            bytes = bytes.subspan(1);
        }
    }
}

template <std::size_t N>
void append_dot(FixedText<N>& out) noexcept {
    make_room(out, 1);
    out.push_back('.');
}

// Appends a byte of a dotted name.
template <std::size_t N>
void append_host_byte(FixedText<N>& out, std::uint8_t byte) noexcept {
    if (byte == '.') {
        append_dot(out);
    } else {
        append_label_byte(out, byte);
    }
}

// Appends the bytes of a dotted name, as append_host_byte() does with each.
template <std::size_t N>
void append_host(FixedText<N>& out, std::span<const std::uint8_t> bytes) noexcept {
    for (;;) {
        const auto dot = std::find(bytes.begin(), bytes.end(), '.');
        append_label(out, {bytes.begin(), dot});
        if (dot == bytes.end()) {
            return;
        }
        append_dot(out);
        bytes = {dot + 1, bytes.end()};
    }
}

template <std::size_t N>
void strip_trailing_dots(FixedText<N>& out) noexcept {
    std::string_view text = out.view();
    if (text.empty() || text.back() != '.') {
        return;
    }
    while (!text.empty() && text.back() == '.') {
        text.remove_suffix(1);
    }
    std::array<char, N> kept;
    std::memcpy(kept.data(), text.data(), text.size());
    out.assign({kept.data(), text.size()});
}

// Reads `[userinfo@]host[:port]` byte by byte (RFC 3986, 3.2) into the caller's text. Keeps an IPv6
// literal without its brackets.
class AuthorityReader {
  public:
    void reset() noexcept { *this = {}; }

    template <std::size_t N>
    void feed(FixedText<N>& out, std::uint8_t c) noexcept {
        if (c == '@') {  // the bytes before it were the user's name
            out.clear();
            reset();
        } else if (part_ == Part::host) {
            if (c == ':') {
                part_ = Part::port;
            } else if (c == '[' && out.empty()) {
                part_ = Part::literal;
            } else {
                append_host_byte(out, c);
            }
        } else if (part_ == Part::literal) {
            if (c == ']') {
                part_ = Part::host;
            } else if (c == ':') {
                make_room(out, 1);
                out.push_back(':');
            } else {
                append_host_byte(out, c);
            }
        } else if (is_digit(c) && port_ <= 0xffff) {
            port_ = port_ * 10 + (c - '0');
        }
    }
    // 0: no port, or an invalid one.
    std::uint16_t port() const noexcept {
        return port_ <= 0xffff ? static_cast<std::uint16_t>(port_) : std::uint16_t{0};
    }

  private:
    enum class Part : std::uint8_t { host, literal, port };
    std::uint32_t port_ = 0;
    Part part_ = Part::host;
};

}  // namespace minerwall::proto

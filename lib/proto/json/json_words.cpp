#include "proto/json/json_words.hpp"

#include <array>

#include "proto/json/json_bytes.hpp"

namespace minerwall::proto {
namespace {

enum class Letter : std::uint8_t { between, letter, escape, nul };

constexpr auto kLetters = [] {
    std::array<Letter, 256> table{};
    for (unsigned c = 0; c < 256; ++c) {
        table[c] = kJsonClass[c] == JsonClass::word ? Letter::letter : Letter::between;
    }
    table['$'] = table['+'] = Letter::between;
    table['\\'] = Letter::escape;
    table[0] = Letter::nul;
    return table;
}();

int hex_digit(std::uint8_t c) noexcept {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

void JsonWords::reset() noexcept {
    mode_ = Mode::plain;
    ended_ = nul_ = false;
    begin();
}

void JsonWords::begin() noexcept {
    quoted_ = in_quotes_ = behind_comma_ = wide_ = false;
    text_.clear();
}

// Adds a byte without an escape. False: the byte ends a word.
bool JsonWords::add(std::uint8_t c) noexcept {
    if (kLetters[c] == Letter::letter) {
        text_.push_back(static_cast<char>(c));
        return true;
    }
    if (!text_.empty()) {
        ended_ = true;
        separator_ = c;
        return quoted_;
    }
    quoted_ = false;
    mark(c);
    return true;
}

// A byte between words.
void JsonWords::mark(std::uint8_t c) noexcept {
    in_quotes_ = kJsonClass[c] == JsonClass::quote;
    behind_comma_ = behind_comma_ || kJsonClass[c] == JsonClass::comma;
}

JsonWords::Found JsonWords::next(const std::uint8_t*& at, const std::uint8_t* end) noexcept {
    while (at < end) {
        if (ended_) {
            ended_ = false;
            begin();
            mark(separator_);
        }
        const std::uint8_t c = *at;
        bool taken = true;
        if (mode_ == Mode::plain) {
            if (kLetters[c] == Letter::escape) {
                mode_ = Mode::escape;
            } else if (kLetters[c] != Letter::nul) {
                wide_ = wide_ || (text_.empty() && nul_);
                taken = add(c);
            } else if (text_.size() == 1 || wide_) {
                wide_ = true;  // half a letter of UTF-16
            } else if (!text_.empty()) {
                taken = add(c);  // the end, to receivers that use C strings
            }
            nul_ = c == 0;
        } else if (c == 0) {
            // half a letter
        } else if (mode_ == Mode::escape) {
            mode_ = Mode::plain;
            if (c == 'u' || c == 'x') {
                mode_ = Mode::digits;
                digits_ = c == 'u' ? 4 : 2;
                unit_ = 0;
            } else if (c == '"' || c == '\'') {
                taken = add(c);
                quoted_ = true;
            } else {
                const bool blank = c == 'n' || c == 't' || c == 'r' || c == 'b' || c == 'f';
                taken = add(blank ? std::uint8_t{' '} : c);
            }
        } else if (const int digit = hex_digit(c); digit >= 0) {
            unit_ = static_cast<std::uint16_t>((unit_ << 4) | digit);
            if (--digits_ == 0) {
                mode_ = Mode::plain;
                taken = add(unit_ < 0x80 ? static_cast<std::uint8_t>(unit_) : std::uint8_t{' '});
            }
        } else {  // cJSON takes a bad escape for NUL
            mode_ = Mode::plain;
            if (text_.empty()) {
                continue;
            }
            if (!add(' ')) {
                return Found::word;
            }
            continue;
        }
        ++at;
        if (!taken) {
            return Found::word;
        }
    }
    return Found::more;
}

const std::uint8_t* find_json_close(const std::uint8_t* at, const std::uint8_t* end) noexcept {
    while (at < end) {
        if (kJsonClass[*at++] == JsonClass::close) {
            return at;
        }
    }
    return end;
}

}  // namespace minerwall::proto

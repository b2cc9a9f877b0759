// The texts of strings and words: escapes, line ends inside, and what is kept.
#include "proto/json/json.hpp"

namespace minerwall::proto {
namespace {

int hex_digit(std::uint8_t c) noexcept {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

void JsonTokenizer::begin_string(std::uint8_t quote) noexcept {
    quote_ = quote;
    mode_ = Mode::string;
    line_inside_ = wide_ = broken_ = false;
}

// After an LF inside a string or comment, passes the blanks. True: the line opens an object or
// array. A receiver that cuts lines first begins there; then the string or comment ends here.
bool JsonTokenizer::line_opens_inside(const std::uint8_t*& at, const std::uint8_t* end) noexcept {
    const std::uint8_t* from = at;
    while (at < end && is_json_blank(*at) && *at != 0) {
        ++at;
    }
    if (mode_ == Mode::string) {
        keep(from, at);
    }
    if (at == end) {
        return false;
    }
    line_inside_ = false;
    if (!opens_json(*at)) {
        return false;
    }
    broken_ = mode_ == Mode::string;
    mode_ = Mode::gap;
    line_fresh_ = true;
    return true;
}

// Continues a string. When it ends, the mode becomes gap.
JsonToken JsonTokenizer::string_body(const std::uint8_t*& at, const std::uint8_t* end) noexcept {
    while (at < end) {
        if (mode_ == Mode::string) {
            if (line_inside_ && line_opens_inside(at, end)) {
                return JsonToken::odd;
            }
            const std::uint8_t* stop = find_json_string_stop(at, end, quote_);
            if (stop != at) {
                flush_surrogate();
                keep(at, stop);
                at = stop;
            }
            if (at == end) {
                return JsonToken::more;
            }
        }
        const std::uint8_t c = *at;
        if (mode_ != Mode::string) {
            at += c == 0 || escape_unit(c) ? 1 : 0;  // NUL: in UTF-16, half a letter
        } else if (c == quote_) {
            flush_surrogate();
            mode_ = Mode::gap;
            ++at;
            return JsonToken::more;
        } else if (c == '\\') {
            mode_ = Mode::escape;
            ++at;
        } else {
            flush_surrogate();
            lenient_ = true;
            line_inside_ = c == '\n';
            ++at;
            if (c == 0) {
                // Beside the first letter: half of it, in UTF-16. Behind others, to cJSON, the end.
                wide_ = wide_ || text_.size() <= 1;
                keep(at - 1, wide_ ? at - 1 : at);
                return JsonToken::odd;
            }
            keep(at - 1, at);
        }
    }
    return JsonToken::more;
}

// One byte of an escape, after the backslash. False: it does not belong to the escape.
bool JsonTokenizer::escape_unit(std::uint8_t c) noexcept {
    if (mode_ == Mode::escape) {
        mode_ = Mode::string;
        if (c == '\n') {
            return false;
        }
        if (!keeping_) {
            return true;
        }
        if (c == 'u' || c == 'x') {
            mode_ = Mode::unicode;
            unit_ = 0;
            digits_ = c == 'u' ? 4 : 2;
            return true;
        }
        std::uint8_t plain = c;
        switch (c) {
            case 'n':
                plain = '\n';
                break;
            case 't':
                plain = '\t';
                break;
            case 'r':
                plain = '\r';
                break;
            case 'b':
                plain = '\b';
                break;
            case 'f':
                plain = '\f';
                break;
            default:
                break;  // quote, backslash, slash, and what lenient readers keep as it is
        }
        flush_surrogate();
        keep(&plain, &plain + 1);
        return true;
    }
    const int digit = hex_digit(c);
    if (digit < 0) {  // cJSON takes a bad one for NUL
        constexpr std::uint8_t kNul = 0;
        mode_ = Mode::string;
        lenient_ = true;
        flush_surrogate();
        keep(&kNul, &kNul + 1);
        return false;
    }
    unit_ = static_cast<std::uint16_t>((unit_ << 4) | digit);
    if (--digits_ == 0) {
        end_unit();
    }
    return true;
}

// The last digit of \uXXXX has come.
void JsonTokenizer::end_unit() noexcept {
    mode_ = Mode::string;
    if (surrogate_ != 0 && unit_ >= 0xdc00 && unit_ <= 0xdfff) {
        const std::uint32_t high = surrogate_ - 0xd800U;
        surrogate_ = 0;
        keep_code_point(0x10000 + (high << 10) + (unit_ - 0xdc00U));
        return;
    }
    flush_surrogate();
    if (unit_ >= 0xd800 && unit_ <= 0xdbff) {
        surrogate_ = unit_;
    } else {
        keep_code_point(unit_ >= 0xdc00 && unit_ <= 0xdfff ? 0xfffdU : unit_);
    }
}

void JsonTokenizer::flush_surrogate() noexcept {
    if (surrogate_ != 0) {
        surrogate_ = 0;
        keep_code_point(0xfffd);
    }
}

void JsonTokenizer::keep(const std::uint8_t* from, const std::uint8_t* to) noexcept {
    if (keeping_ && !text_.truncated()) {
        text_.append({reinterpret_cast<const char*>(from), static_cast<std::size_t>(to - from)});
    }
}

void JsonTokenizer::keep_code_point(std::uint32_t code) noexcept {
    lenient_ = lenient_ || code == 0;
    std::uint8_t utf8[4];
    std::size_t n = 0;
    if (code < 0x80) {
        utf8[n++] = static_cast<std::uint8_t>(code);
    } else if (code < 0x800) {
        utf8[n++] = static_cast<std::uint8_t>(0xc0 | (code >> 6));
        utf8[n++] = static_cast<std::uint8_t>(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        utf8[n++] = static_cast<std::uint8_t>(0xe0 | (code >> 12));
        utf8[n++] = static_cast<std::uint8_t>(0x80 | ((code >> 6) & 0x3f));
        utf8[n++] = static_cast<std::uint8_t>(0x80 | (code & 0x3f));
    } else {
        utf8[n++] = static_cast<std::uint8_t>(0xf0 | (code >> 18));
        utf8[n++] = static_cast<std::uint8_t>(0x80 | ((code >> 12) & 0x3f));
        utf8[n++] = static_cast<std::uint8_t>(0x80 | ((code >> 6) & 0x3f));
        utf8[n++] = static_cast<std::uint8_t>(0x80 | (code & 0x3f));
    }
    keep(utf8, utf8 + n);
}

}  // namespace minerwall::proto

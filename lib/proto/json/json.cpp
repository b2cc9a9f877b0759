#include "proto/json/json.hpp"

#include "proto/json/json_bytes.hpp"

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

void JsonTokenizer::reset() noexcept {
    restart();
    quiet_ = kDepthMax;
    line_fresh_ = true;
    first_on_line_ = false;
}

void JsonTokenizer::restart() noexcept {
    depth_ = 0;
    mode_ = Mode::gap;
    expect_ = Expect::value;
    surrogate_ = 0;
    // After an error on a line's first byte, that byte still is the first of its line.
    line_fresh_ = line_fresh_ || first_on_line_;
    text_.clear();
}

JsonToken JsonTokenizer::next(const std::uint8_t*& at, const std::uint8_t* end) noexcept {
    for (;;) {
        switch (mode_) {
            case Mode::gap: {
                const JsonToken token = loud() ? gap(at, end) : skip(at, end);
                if (token != JsonToken::more || at == end) {
                    return token;
                }
                break;  // a string or scalar begins, or the tokenizer entered a quiet container
            }
            case Mode::string:
            case Mode::escape:
            case Mode::unicode:
                if (!string_body(at, end)) {
                    first_on_line_ = false;
                    return JsonToken::error;
                }
                if (mode_ != Mode::gap) {
                    return JsonToken::more;
                }
                expect_ = Expect::colon_or_separator;
                break;
            case Mode::scalar: {
                const std::uint8_t* stop = at;
                while (stop < end && kJsonClass[*stop] == JsonClass::scalar) {
                    ++stop;
                }
                keep(at, stop);
                at = stop;
                if (stop == end) {
                    return JsonToken::more;
                }
                mode_ = Mode::gap;
                expect_ = Expect::separator;
                first_on_line_ = false;
                return JsonToken::scalar;
            }
        }
    }
}

// Reads between the tokens of delivered containers. Returns `more` with bytes left if the mode
// changed.
JsonToken JsonTokenizer::gap(const std::uint8_t*& at, const std::uint8_t* end) noexcept {
    for (; at < end; ++at) {
        const std::uint8_t c = *at;
        const JsonClass kind = kJsonClass[c];
        if (kind == JsonClass::space) {
            continue;
        }
        if (kind == JsonClass::newline) {
            line_fresh_ = true;
            continue;
        }
        if (depth_ == 0 && kind == JsonClass::bom) {
            continue;  // some senders put a byte order mark before each value
        }
        first_on_line_ = line_fresh_;
        line_fresh_ = false;
        if (expect_ == Expect::colon_or_separator) {
            // What follows a string tells whether it was a key, so we need no stack of container
            // kinds.
            if (kind == JsonClass::colon) {
                expect_ = Expect::value;
                ++at;
                return JsonToken::key;
            }
            if (kind != JsonClass::comma && kind != JsonClass::close) {
                return JsonToken::error;
            }
            expect_ = Expect::separator;
            line_fresh_ = first_on_line_;  // next() reads the separator again
            return JsonToken::string;
        }
        switch (kind) {
            case JsonClass::open:
                if (expect_ != Expect::value || depth_ == kDepthMax) {
                    return JsonToken::error;
                }
                ++depth_;
                ++at;
                return c == '{' ? JsonToken::begin_object : JsonToken::begin_array;
            case JsonClass::close:
                if (depth_ == 0) {
                    return JsonToken::error;
                }
                --depth_;
                expect_ = depth_ == 0 ? Expect::value : Expect::separator;
                ++at;
                return JsonToken::end;
            case JsonClass::comma:
                if (depth_ == 0 || expect_ != Expect::separator) {
                    return JsonToken::error;
                }
                expect_ = Expect::value;
                break;
            case JsonClass::quote:
                if (depth_ == 0 || expect_ != Expect::value) {
                    return JsonToken::error;
                }
                ++at;
                text_.clear();
                keeping_ = true;
                mode_ = Mode::string;
                return JsonToken::more;
            case JsonClass::scalar:
                if (depth_ == 0 || expect_ != Expect::value) {
                    return JsonToken::error;
                }
                text_.clear();
                keeping_ = true;
                mode_ = Mode::scalar;
                return JsonToken::more;
            default:
                return JsonToken::error;
        }
    }
    return JsonToken::more;
}

// In a skipped container, track only strings, brackets and lines. Even if the grammar inside is
// wrong, the reader stays in step with what follows.
JsonToken JsonTokenizer::skip(const std::uint8_t*& at, const std::uint8_t* end) noexcept {
    first_on_line_ = false;
    while (at < end) {
        if (line_fresh_) {
            while (at < end && (kJsonClass[*at] == JsonClass::space || *at == '\n')) {
                ++at;
            }
            if (at == end) {
                return JsonToken::more;
            }
            line_fresh_ = false;
            first_on_line_ = kJsonClass[*at] == JsonClass::open;
        } else if (!is_json_structure(*at)) {  // runs of brackets are common
            at = find_json_structure(at, end);
            if (at == end) {
                return JsonToken::more;
            }
        }
        const std::uint8_t c = *at;
        switch (kJsonClass[c]) {
            case JsonClass::open:
                if (depth_ == kDepthMax) {
                    return JsonToken::error;
                }
                ++at;
                ++depth_;
                if (first_on_line_) {
                    expect_ = Expect::value;
                    return c == '{' ? JsonToken::begin_object : JsonToken::begin_array;
                }
                break;
            case JsonClass::close:
                ++at;
                --depth_;
                if (loud()) {
                    expect_ = depth_ == 0 ? Expect::value : Expect::separator;
                    return JsonToken::end;
                }
                break;
            case JsonClass::newline:
                ++at;
                line_fresh_ = true;
                break;
            case JsonClass::quote:
                ++at;
                keeping_ = false;
                mode_ = Mode::string;
                if (!string_body(at, end)) {
                    return JsonToken::error;
                }
                if (mode_ != Mode::gap) {
                    return JsonToken::more;
                }
                break;
            default:
                if (c == 0) {
                    return JsonToken::error;
                }
                ++at;
                break;
        }
    }
    return JsonToken::more;
}

// Continues a string. False: a byte that no receiver accepts. When the string ends, the mode
// becomes gap.
bool JsonTokenizer::string_body(const std::uint8_t*& at, const std::uint8_t* end) noexcept {
    while (at < end) {
        if (mode_ == Mode::string) {
            const std::uint8_t* stop = find_json_string_stop(at, end);
            if (stop != at) {
                flush_surrogate();
                keep(at, stop);
                at = stop;
                if (at == end) {
                    return true;
                }
            }
        }
        const std::uint8_t c = *at;
        if (c == 0 || c == '\n') {
            return false;
        }
        if (mode_ != Mode::string) {
            if (!escape_unit(c)) {
                return false;
            }
        } else if (c == '"') {
            flush_surrogate();
            mode_ = Mode::gap;
            ++at;
            return true;
        } else if (c == '\\') {
            mode_ = Mode::escape;
        } else {
            flush_surrogate();
            keep(at, at + 1);
        }
        ++at;
    }
    return true;
}

// One byte of an escape, after the backslash.
bool JsonTokenizer::escape_unit(std::uint8_t c) noexcept {
    if (!keeping_) {
        mode_ = Mode::string;
        return true;
    }
    if (mode_ == Mode::escape) {
        if (c == 'u') {
            mode_ = Mode::unicode;
            unit_ = 0;
            digits_ = 0;
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
        mode_ = Mode::string;
        return true;
    }
    const int digit = hex_digit(c);
    if (digit < 0) {
        return false;
    }
    unit_ = static_cast<std::uint16_t>((unit_ << 4) | digit);
    if (++digits_ < 4) {
        return true;
    }
    mode_ = Mode::string;
    if (surrogate_ != 0 && unit_ >= 0xdc00 && unit_ <= 0xdfff) {
        const std::uint32_t high = surrogate_ - 0xd800U;
        surrogate_ = 0;
        keep_code_point(0x10000 + (high << 10) + (unit_ - 0xdc00U));
        return true;
    }
    flush_surrogate();
    if (unit_ >= 0xd800 && unit_ <= 0xdbff) {
        surrogate_ = unit_;
    } else {
        keep_code_point(unit_ >= 0xdc00 && unit_ <= 0xdfff ? 0xfffdU : unit_);
    }
    return true;
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

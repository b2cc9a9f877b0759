#include "proto/json/json.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace minerwall::proto {
namespace {

constexpr std::string_view kLiterals[] = {"null", "true",     "false",    "NaN",
                                          "nan",  "Infinity", "undefined"};

// Words that may stand for themselves: numbers, literals, and a literal's end, because a segment
// may begin inside. Receivers of values in sequence need nothing between them. Other words at the
// top level are text.
bool is_value(std::string_view word) noexcept {
    for (;;) {
        const char first = word[0];
        if ((first >= '0' && first <= '9') || first == '+' || first == '-' || first == '.') {
            return true;
        }
        const auto* const found = std::find_if(
            std::begin(kLiterals), std::end(kLiterals),
            [word](std::string_view one) { return word.starts_with(one) || one.ends_with(word); });
        if (found == std::end(kLiterals)) {
            return false;
        }
        if (word.size() <= found->size()) {
            return true;
        }
        word.remove_prefix(found->size());
    }
}

}  // namespace

void JsonTokenizer::reset() noexcept {
    line_fresh_ = true;  // before restart() reads them: callers may reset raw memory
    first_on_line_ = false;
    restart();
    quiet_ = kDepthMax;
    lenient_ = false;
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
        JsonToken token = JsonToken::more;
        switch (mode_) {
            case Mode::gap:
                token = loud() ? gap(at, end) : skip(at, end);
                if (token != JsonToken::more || at == end) {
                    return token;
                }
                break;  // another mode begins, or the tokenizer entered a quiet container
            case Mode::string:
            case Mode::escape:
            case Mode::unicode:
                token = string_body(at, end);
                if (token != JsonToken::more || mode_ != Mode::gap) {
                    return token;
                }
                if (depth_ == 0) {
                    return JsonToken::string;
                }
                expect_ = Expect::colon_or_separator;
                word_pending_ = false;
                break;
            case Mode::word: {
                const std::uint8_t* stop = at;
                while (stop < end && kJsonClass[*stop] == JsonClass::word) {
                    ++stop;
                }
                keep(at, stop);
                at = stop;
                if (stop == end) {
                    return JsonToken::more;
                }
                if (*stop == 0) {  // in UTF-16, half a letter
                    ++at;
                    return JsonToken::odd;
                }
                mode_ = Mode::gap;
                first_on_line_ = false;
                if (end_word(stop, token)) {
                    return token;
                }
                break;
            }
            default:
                token = comment(at, end);
                if (token != JsonToken::more || at == end) {
                    return token;
                }
        }
    }
}

// True: `token` is known without what follows the word.
bool JsonTokenizer::end_word(const std::uint8_t* at, JsonToken& token) noexcept {
    if (depth_ == 0) {
        token = is_value(text_.view()) ? JsonToken::scalar : JsonToken::error;
        lenient_ = true;
        return true;
    }
    const JsonClass kind = kJsonClass[*at];
    if (kind == JsonClass::comma || kind == JsonClass::close) {
        expect_ = Expect::separator;
        token = JsonToken::scalar;
        return true;
    }
    expect_ = Expect::colon_or_separator;
    word_pending_ = true;
    return false;
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
        if (kind >= JsonClass::odd_space) {
            const JsonToken token = rare(kind, c);
            if (token != JsonToken::more || mode_ != Mode::gap) {
                ++at;
                return token;
            }
            continue;
        }
        first_on_line_ = line_fresh_;
        line_fresh_ = false;
        if (expect_ == Expect::colon_or_separator) {
            return end_pending(kind, at);
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
                lenient_ = lenient_ || expect_ == Expect::value || c != ',';
                expect_ = Expect::value;
                line_fresh_ = first_on_line_ && depth_ == 0;
                break;
            case JsonClass::paren:
                if (depth_ == 0 || c == '(') {
                    return JsonToken::error;
                }
                expect_ = Expect::separator;
                break;
            case JsonClass::quote:
            case JsonClass::word:
                if (expect_ != Expect::value) {
                    return JsonToken::error;
                }
                text_.clear();
                keeping_ = true;
                if (kind == JsonClass::word) {
                    mode_ = Mode::word;
                    return JsonToken::more;
                }
                ++at;
                begin_string(c);
                lenient_ = lenient_ || c != '"' || depth_ == 0;
                return JsonToken::more;
            default:
                return JsonToken::error;
        }
    }
    return JsonToken::more;
}

// What follows a string or word tells whether it was a key, so we need no stack of container kinds.
JsonToken JsonTokenizer::end_pending(JsonClass kind, const std::uint8_t*& at) noexcept {
    const std::uint8_t c = *at;
    if (kind == JsonClass::colon) {
        lenient_ = lenient_ || word_pending_ || c != ':';
        expect_ = Expect::value;
        ++at;
        return JsonToken::key;
    }
    if (kind == JsonClass::comma || kind == JsonClass::close) {
        expect_ = Expect::separator;
        line_fresh_ = first_on_line_;  // next() reads the separator again
        return word_pending_ ? JsonToken::scalar : JsonToken::string;
    }
    if (kind == JsonClass::paren && (c == ')' || word_pending_)) {
        lenient_ = true;
        expect_ = c == ')' ? Expect::separator : Expect::value;  // of the arguments
        ++at;
        return word_pending_ ? JsonToken::scalar : JsonToken::string;
    }
    if (word_pending_ && kind == JsonClass::word && text_ == "new") {
        text_.clear();
        expect_ = Expect::value;
        mode_ = Mode::word;
        return JsonToken::more;
    }
    return JsonToken::error;
}

// A byte that hardly any sender puts between tokens.
JsonToken JsonTokenizer::rare(JsonClass kind, std::uint8_t c) noexcept {
    lenient_ = true;
    if (kind == JsonClass::comment) {
        mode_ = c == '/' ? Mode::slash : Mode::line_comment;
        return JsonToken::more;
    }
    return kind == JsonClass::nul && depth_ != 0 ? JsonToken::odd : JsonToken::more;
}

// In a skipped container, track only strings, brackets, comments and lines. Even if the grammar
// inside is wrong, the reader stays in step with what follows.
JsonToken JsonTokenizer::skip(const std::uint8_t*& at, const std::uint8_t* end) noexcept {
    first_on_line_ = false;
    while (at < end) {
        if (line_fresh_) {
            while (at < end && is_json_blank(*at) && *at != 0) {
                ++at;
            }
            if (at == end) {
                return JsonToken::more;
            }
            line_fresh_ = false;
            first_on_line_ = opens_json(*at);
        } else if (!kJsonStructure[*at]) {  // runs of brackets are common
            at = find_json_structure(at, end);
            if (at == end) {
                return JsonToken::more;
            }
        }
        const std::uint8_t c = *at;
        if (!kJsonStructure[c]) {
            ++at;
            continue;
        }
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
            case JsonClass::quote: {
                ++at;
                keeping_ = false;
                begin_string(c);
                lenient_ = lenient_ || c != '"';
                const JsonToken token = string_body(at, end);
                if (token != JsonToken::more || mode_ != Mode::gap) {
                    return token;
                }
                break;
            }
            default: {
                ++at;
                const JsonToken token = rare(kJsonClass[c], c);
                if (token != JsonToken::more || mode_ != Mode::gap) {
                    return token;
                }
            }
        }
    }
    return JsonToken::more;
}

// Continues a comment. When it ends, the mode becomes gap. Where readers differ over its end, takes
// the first one.
JsonToken JsonTokenizer::comment(const std::uint8_t*& at, const std::uint8_t* end) noexcept {
    for (; at < end; ++at) {
        const std::uint8_t c = *at;
        if (c == 0) {
            continue;  // in UTF-16, half a letter
        }
        switch (mode_) {
            case Mode::slash:
                if (c != '*' && c != '/') {  // to cJSON's minifier, a blank
                    mode_ = Mode::gap;
                    return JsonToken::more;
                }
                mode_ = c == '*' ? Mode::block_comment : Mode::line_comment;
                line_inside_ = two_stars_ = false;
                break;
            case Mode::line_comment:
                if (c == '\n') {
                    mode_ = Mode::gap;
                    return JsonToken::more;
                }
                mode_ = c == '\r' ? Mode::line_comment_cr : mode_;
                break;
            case Mode::line_comment_cr:  // to jsoncpp and Json.NET a CR ends it, to json-c it does
                                         // not
                mode_ = Mode::gap;
                return c == '\n' ? JsonToken::more : JsonToken::odd;
            case Mode::block_comment:
                if (line_inside_ && line_opens_inside(at, end)) {
                    return JsonToken::odd;
                }
                if (at == end) {
                    return JsonToken::more;
                }
                line_inside_ = *at == '\n';
                mode_ = *at == '*' ? Mode::star : mode_;
                break;
            default:  // Mode::star
                if (c == '/') {
                    mode_ = Mode::gap;
                    ++at;
                    return two_stars_ ? JsonToken::odd : JsonToken::more;  // json-c passes over **/
                }
                two_stars_ = c == '*';
                line_inside_ = c == '\n';
                mode_ = c == '*' ? mode_ : Mode::block_comment;
        }
    }
    return JsonToken::more;
}

}  // namespace minerwall::proto

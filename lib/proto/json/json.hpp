// A push tokenizer for streams of JSON values (RFC 8259), for example one value per line or RFC
// 8259 text sequences separated by LF. The caller feeds bytes as they arrive. The tokenizer holds
// all state, so segmentation cannot change the result; of the bytes it keeps only the first
// kTextMax of the current string.
//
// It accepts what the most lenient receivers of such streams accept (json_bytes.hpp has the table):
// single quotes, unquoted names, comments, control characters as blanks and in strings, line ends
// in strings, trailing and double commas, unknown and bad escapes, mismatched brackets, values of
// any kind in sequence. Otherwise a sender could hide a message that its peer accepts. Where
// receivers differ over what follows, the token `odd` says so. A missing separator and words at the
// top level that are no literals are errors. Work is linear in the bytes; state is constant for any
// depth or length of a value. Any thread, one at a time. Never allocates or throws.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/fixed_text.hpp"
#include "proto/json/json_bytes.hpp"

namespace minerwall::proto {

enum class JsonToken : std::uint8_t {
    more,          // all bytes are used; call again with the next ones
    begin_object,  // depth() already counts it
    begin_array,
    end,     // of an object or array; depth() no longer counts it
    key,     // text() holds it, unescaped
    string,  // a value; text() holds it, unescaped
    scalar,  // number, true, false, null; text() holds it as written
    odd,     // no token: receivers differ over what follows. Continue as after the others.
    error,   // `at` points to the offending byte; only restart() continues
};

class JsonTokenizer {
  public:
    static constexpr std::size_t kTextMax = 120;
    static constexpr std::uint32_t kDepthMax = 1U << 30;  // more is an error

    // Returns to the start of a stream. Leaves the text's bytes as they are.
    void reset() noexcept;
    // Forgets open containers but keeps the place in the line, to continue after an error.
    void restart() noexcept;

    // Reads up to the next token and moves `at` past it. Delivers tokens at most set_quiet() deep,
    // and the start of every container that is first on its line.
    JsonToken next(const std::uint8_t*& at, const std::uint8_t* end) noexcept;

    // The number of open containers. A key or plain value belongs to the innermost one.
    std::uint32_t depth() const noexcept { return depth_; }
    // The first kTextMax bytes of the current key or value, with \uXXXX decoded to UTF-8. Only for
    // delivered tokens.
    std::string_view text() const noexcept { return text_.view(); }
    bool text_cut() const noexcept { return text_.truncated(); }
    // Only white space precedes the last token or error on its line.
    bool first_on_line() const noexcept { return first_on_line_; }
    // Inside an unfinished object or array.
    bool inside() const noexcept { return depth_ != 0; }
    // Inside any unfinished value or comment, except a word and the comment of a line.
    bool unfinished() const noexcept {
        return depth_ != 0 || (mode_ != Mode::gap && mode_ < Mode::word);
    }
    // text() may be a key, but its colon or separator has not come.
    bool pending() const noexcept { return expect_ == Expect::colon_or_separator; }
    // Where an `odd` is inside a string: its text up to there.
    std::string_view broken() const noexcept {
        return broken_ || mode_ == Mode::string ? text_.view() : std::string_view{};
    }
    // Something that RFC 8259 does not have, or a NUL, came since the last reset.
    bool lenient() const noexcept { return lenient_; }

    // Skips containers deeper than this: does not deliver, keep or check their members. Raise it
    // only while no skipped container is open, that is, after a begin or an end.
    void set_quiet(std::uint32_t depth) noexcept { quiet_ = depth; }

  private:
    enum class Mode : std::uint8_t {
        gap,
        string,
        escape,
        unicode,
        slash,  // the first byte of a comment
        block_comment,
        star,
        word,
        line_comment,
        line_comment_cr,
    };
    enum class Expect : std::uint8_t { value, colon_or_separator, separator };

    JsonToken gap(const std::uint8_t*& at, const std::uint8_t* end) noexcept;
    JsonToken skip(const std::uint8_t*& at, const std::uint8_t* end) noexcept;
    JsonToken end_pending(JsonClass kind, const std::uint8_t*& at) noexcept;
    JsonToken rare(JsonClass kind, std::uint8_t c) noexcept;
    bool end_word(const std::uint8_t* at, JsonToken& token) noexcept;
    JsonToken comment(const std::uint8_t*& at, const std::uint8_t* end) noexcept;

    // json_text.cpp
    JsonToken string_body(const std::uint8_t*& at, const std::uint8_t* end) noexcept;
    bool line_opens_inside(const std::uint8_t*& at, const std::uint8_t* end) noexcept;
    bool escape_unit(std::uint8_t c) noexcept;
    void end_unit() noexcept;
    void begin_string(std::uint8_t quote) noexcept;
    void keep(const std::uint8_t* from, const std::uint8_t* to) noexcept;
    void keep_code_point(std::uint32_t code) noexcept;
    void flush_surrogate() noexcept;
    bool loud() const noexcept { return depth_ <= quiet_; }

    std::uint32_t depth_ = 0;
    std::uint32_t quiet_ = kDepthMax;
    std::uint16_t unit_ = 0;       // of an unfinished \uXXXX
    std::uint16_t surrogate_ = 0;  // high half that waits for its low half; 0: none
    Mode mode_ = Mode::gap;
    Expect expect_ = Expect::value;
    std::uint8_t digits_ = 0;    // missing in unit_
    std::uint8_t quote_ = 0;     // of the current string
    bool keeping_ = false;       // the current string or word goes into text_
    bool word_pending_ = false;  // text_ is a word and not a string
    bool lenient_ = false;
    bool broken_ = false;       // a line that opens a value has ended the last string
    bool wide_ = false;         // the current string is UTF-16 or UTF-32
    bool two_stars_ = false;    // in a comment
    bool line_inside_ = false;  // nothing but blanks since an LF inside the string or comment
    bool line_fresh_ = true;    // nothing but white space since the last LF
    bool first_on_line_ = false;
    FixedText<kTextMax> text_;
};

}  // namespace minerwall::proto

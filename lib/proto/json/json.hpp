// A push tokenizer for streams of JSON values (RFC 8259; one value a line, RFC 8259 text sequences
// by LF). The caller feeds bytes as they come; all state is in here, so where segments end cannot
// change what is read, and no byte is kept but the current string's first kTextMax.
//
// It is as lenient as the most lenient of the receivers that read such streams (trailing commas,
// control characters in strings, unknown escapes, mismatched brackets pass): what a peer might
// accept must not be hidden from the one who watches. NUL, a raw LF in a string, a missing
// separator and a bad \u escape are errors. Work is linear in the bytes, state is constant whatever
// the depth or length of a value. Any thread, one at a time; nothing here allocates or throws.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/fixed_text.hpp"

namespace minerwall::proto {

enum class JsonToken : std::uint8_t {
    more,          // the bytes are used up, come back with the next ones
    begin_object,  // depth() counts it already
    begin_array,
    end,     // of either; depth() does not count it any more
    key,     // text() holds it, unescaped
    string,  // a value; text() holds it, unescaped
    scalar,  // number, true, false, null; text() holds it as written
    error,   // `at` rests on the offending byte; only restart() leads on
};

class JsonTokenizer {
  public:
    static constexpr std::size_t kTextMax = 120;
    static constexpr std::uint32_t kDepthMax = 1U << 30;  // more is an error

    // Back to the start of a stream. Does not touch the text's bytes.
    void reset() noexcept;
    // Forgets open containers, keeps the place in the line: for going on after an error.
    void restart() noexcept;

    // Reads up to the next token; `at` moves past it. Delivers what lies at most set_quiet() deep,
    // and the start of every container that is the first thing on its line.
    JsonToken next(const std::uint8_t*& at, const std::uint8_t* end) noexcept;

    // Containers now open. A key or plain value belongs to the innermost of these.
    std::uint32_t depth() const noexcept { return depth_; }
    // First kTextMax bytes of the current key or value, \uXXXX decoded to UTF-8. Only for tokens
    // that are delivered.
    std::string_view text() const noexcept { return text_.view(); }
    bool text_cut() const noexcept { return text_.truncated(); }
    // The last token or error was the first thing on its line but for white space.
    bool first_on_line() const noexcept { return first_on_line_; }
    // Inside an unfinished value.
    bool inside() const noexcept { return depth_ != 0; }

    // Containers deeper than this are skipped: their members are not delivered, kept or checked.
    // May be raised only while no skipped container is open, that is, after a begin or an end.
    void set_quiet(std::uint32_t depth) noexcept { quiet_ = depth; }

  private:
    enum class Mode : std::uint8_t { gap, string, escape, unicode, scalar };
    enum class Expect : std::uint8_t { value, colon_or_separator, separator };

    JsonToken gap(const std::uint8_t*& at, const std::uint8_t* end) noexcept;
    JsonToken skip(const std::uint8_t*& at, const std::uint8_t* end) noexcept;
    bool string_body(const std::uint8_t*& at, const std::uint8_t* end) noexcept;
    bool escape_unit(std::uint8_t c) noexcept;
    void keep(const std::uint8_t* from, const std::uint8_t* to) noexcept;
    void keep_code_point(std::uint32_t code) noexcept;
    void flush_surrogate() noexcept;
    bool loud() const noexcept { return depth_ <= quiet_; }

    std::uint32_t depth_ = 0;
    std::uint32_t quiet_ = kDepthMax;
    std::uint16_t unit_ = 0;       // \uXXXX under way
    std::uint16_t surrogate_ = 0;  // high half that waits for its low half, 0: none
    Mode mode_ = Mode::gap;
    Expect expect_ = Expect::value;
    std::uint8_t digits_ = 0;  // of unit_
    bool keeping_ = false;     // the current string or scalar goes into text_
    bool line_fresh_ = true;   // nothing but white space since the last LF
    bool first_on_line_ = false;
    FixedText<kTextMax> text_;
};

}  // namespace minerwall::proto

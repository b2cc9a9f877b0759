// Reads JSON as a sequence of words, whatever is between them: for bytes that receivers read
// differently. A word is a run of letters, digits, `.`, `_` and `-`, with escapes undone and NUL
// left out, so UTF-16 and UTF-32 have the same words. Segmentation cannot change them. A push
// reader of constant state. Any thread, one at a time.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/fixed_text.hpp"

namespace minerwall::proto {

class JsonWords {
  public:
    enum class Found : std::uint8_t { more, word };

    void reset() noexcept;
    // Reads up to the end of the next word and moves `at` there. Leaves out words that follow an
    // escaped quote: they belong to a text that quotes JSON.
    Found next(const std::uint8_t*& at, const std::uint8_t* end) noexcept;
    // The beginning of the last word, until the next call.
    std::string_view text() const noexcept { return text_.view(); }
    // A quote is right before it.
    bool in_quotes() const noexcept { return in_quotes_; }
    // A comma is between it and the word before.
    bool behind_comma() const noexcept { return behind_comma_; }

  private:
    enum class Mode : std::uint8_t { plain, escape, digits };

    bool add(std::uint8_t c) noexcept;
    void begin() noexcept;
    void mark(std::uint8_t c) noexcept;

    Mode mode_ = Mode::plain;
    bool ended_ = false;   // text_ has been delivered
    bool quoted_ = false;  // an escaped quote came right before this word
    bool in_quotes_ = false;
    bool behind_comma_ = false;
    bool nul_ = false;            // the last byte was one
    bool wide_ = false;           // the word is UTF-16 or UTF-32
    std::uint8_t separator_ = 0;  // behind the last word
    std::uint8_t digits_ = 0;
    std::uint16_t unit_ = 0;
    FixedText<48> text_;
};

// Behind the first closing bracket in [at, end), or the end.
const std::uint8_t* find_json_close(const std::uint8_t* at, const std::uint8_t* end) noexcept;

}  // namespace minerwall::proto

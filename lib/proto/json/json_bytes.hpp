// What single bytes mean to the JSON tokenizer, and the searches for the next byte that matters.
// All is inline: the tokenizer asks for each byte. The searches read only [at, end).
#pragma once

#include <array>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace minerwall::proto {

// The one table of what a byte means outside of strings, to every reader of JSON here: as lenient
// as the most lenient receiver (docs/adr/0019-lenient-receivers.md). The last three are rare, and
// so behind one comparison.
enum class JsonClass : std::uint8_t {
    other,  // no receiver takes it
    space,
    newline,
    quote,  // also single
    open,
    close,
    paren,      // of Json.NET's constructors: new Date(0)
    colon,      // also `=`
    comma,      // also `;`
    word,       // numbers, literals, unquoted names
    odd_space,  // control and high bytes: cJSON skips the former, Json.NET Unicode's blanks
    nul,        // a blank to some, the text's end to others, half a letter in UTF-16
    comment,    // `/` and `#` may start one
};

constexpr std::array<JsonClass, 256> make_json_classes() {
    std::array<JsonClass, 256> table{};
    for (unsigned c = 0; c < 256; ++c) {
        const unsigned lower = c | 0x20;
        const bool word = (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z');
        table[c] = c < 0x20 || c >= 0x7f ? JsonClass::odd_space
                   : word                ? JsonClass::word
                                         : JsonClass::other;
    }
    table[0] = JsonClass::nul;
    table[' '] = table['\t'] = table['\r'] = JsonClass::space;
    table['\n'] = JsonClass::newline;
    table['"'] = table['\''] = JsonClass::quote;
    table['{'] = table['['] = JsonClass::open;
    table['}'] = table[']'] = JsonClass::close;
    table['('] = table[')'] = JsonClass::paren;
    table[':'] = table['='] = JsonClass::colon;
    table[','] = table[';'] = JsonClass::comma;
    // Any word passes for a number or literal, because receivers differ over NaN, +1, hexadecimal
    // and the like.
    table['+'] = table['-'] = table['.'] = table['_'] = table['$'] = JsonClass::word;
    table['/'] = table['#'] = JsonClass::comment;
    return table;
}
inline constexpr auto kJsonClass = make_json_classes();

// Whether some receiver skips the byte between tokens.
constexpr bool is_json_blank(std::uint8_t c) noexcept {
    const JsonClass kind = kJsonClass[c];
    return kind == JsonClass::space || kind == JsonClass::newline || kind == JsonClass::odd_space ||
           kind == JsonClass::nul;
}

// Whether the byte begins an object or array.
constexpr bool opens_json(std::uint8_t c) noexcept {
    return c == '{' || c == '[';
}

// Whether a line may begin with this byte and have an object: blanks, values and comments in front
// of it count.
constexpr bool leads_json(std::uint8_t c) noexcept {
    const JsonClass kind = kJsonClass[c];
    return kind != JsonClass::other && kind != JsonClass::close && kind != JsonClass::paren &&
           kind != JsonClass::colon;
}

// The first byte of [at, end) that ends a run of plain string bytes: the string's quote, backslash,
// control character.
inline const std::uint8_t* find_json_string_stop(const std::uint8_t* at, const std::uint8_t* end,
                                                 std::uint8_t mark) noexcept {
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8(static_cast<char>(mark));
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i control = _mm_set1_epi8(0x1f);
    while (end - at >= 16) {
        const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        const __m128i hit =
            _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, backslash)),
                         _mm_cmpeq_epi8(_mm_min_epu8(v, control), v));
        const int mask = _mm_movemask_epi8(hit);
        if (mask != 0) {
            return at + __builtin_ctz(static_cast<unsigned>(mask));
        }
        at += 16;
    }
#endif
    while (at < end && *at != mark && *at != '\\' && *at > 0x1f) {
        ++at;
    }
    return at;
}

// The bytes that matter in a skipped container: quotes, brackets, comments, LF, NUL.
constexpr std::array<bool, 256> make_json_structure() {
    std::array<bool, 256> table{};
    for (const char c : {'"', '\'', '\n', '\0', '{', '}', '[', ']', '/', '#'}) {
        table[static_cast<std::uint8_t>(c)] = true;
    }
    return table;
}
inline constexpr auto kJsonStructure = make_json_structure();

// The first of these bytes in [at, end), or a `+`: one comparison finds it with three of them.
inline const std::uint8_t* find_json_structure(const std::uint8_t* at,
                                               const std::uint8_t* end) noexcept {
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i newline = _mm_set1_epi8('\n');
    const __m128i open = _mm_set1_epi8('{');
    const __m128i close = _mm_set1_epi8('}');
    const __m128i to_brace = _mm_set1_epi8(0x20);
    const __m128i slash = _mm_set1_epi8('/');
    const __m128i to_slash = _mm_set1_epi8(0x0c);
    while (end - at >= 16) {
        const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        const __m128i brace = _mm_or_si128(v, to_brace);
        const __m128i bracket =
            _mm_or_si128(_mm_cmpeq_epi8(brace, open), _mm_cmpeq_epi8(brace, close));
        const __m128i other =
            _mm_or_si128(_mm_cmpeq_epi8(v, newline), _mm_cmpeq_epi8(v, _mm_setzero_si128()));
        const __m128i text = _mm_or_si128(_mm_cmpeq_epi8(v, quote),
                                          _mm_cmpeq_epi8(_mm_or_si128(v, to_slash), slash));
        const int mask = _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(bracket, other), text));
        if (mask != 0) {
            return at + __builtin_ctz(static_cast<unsigned>(mask));
        }
        at += 16;
    }
#endif
    while (at < end && !kJsonStructure[*at]) {
        ++at;
    }
    return at;
}

}  // namespace minerwall::proto

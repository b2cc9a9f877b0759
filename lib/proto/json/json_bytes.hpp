// What single bytes mean to the JSON tokenizer, and the searches for the next byte that matters.
// All is inline: the tokenizer asks for each byte. The searches read only [at, end).
#pragma once

#include <array>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace minerwall::proto {

enum class JsonClass : std::uint8_t {
    other,
    space,
    newline,
    quote,
    open,
    close,
    colon,
    comma,
    scalar,
    bom
};

constexpr std::array<JsonClass, 256> make_json_classes() {
    std::array<JsonClass, 256> table{};
    table[' '] = table['\t'] = table['\r'] = JsonClass::space;
    table['\n'] = JsonClass::newline;
    table['"'] = JsonClass::quote;
    table['{'] = table['['] = JsonClass::open;
    table['}'] = table[']'] = JsonClass::close;
    table[':'] = JsonClass::colon;
    table[','] = JsonClass::comma;
    table[0xef] = table[0xbb] = table[0xbf] = JsonClass::bom;
    // Any word passes for a number or literal, because receivers differ over NaN, +1, hexadecimal
    // and the like.
    for (unsigned c = '0'; c <= '9'; ++c) {
        table[c] = JsonClass::scalar;
    }
    for (unsigned c = 'a'; c <= 'z'; ++c) {
        table[c] = table[c - 'a' + 'A'] = JsonClass::scalar;
    }
    table['+'] = table['-'] = table['.'] = JsonClass::scalar;
    return table;
}
inline constexpr auto kJsonClass = make_json_classes();

// The first byte of [at, end) that ends a run of plain string bytes: quote, backslash, control
// character.
inline const std::uint8_t* find_json_string_stop(const std::uint8_t* at,
                                                 const std::uint8_t* end) noexcept {
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"');
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
    while (at < end && *at != '"' && *at != '\\' && *at > 0x1f) {
        ++at;
    }
    return at;
}

// The bytes that matter in a skipped container: quote, bracket, LF, NUL.
inline bool is_json_structure(std::uint8_t c) noexcept {
    const std::uint8_t brace = c | 0x20;  // maps brackets to braces
    return c == '"' || c == '\n' || c == 0 || brace == '{' || brace == '}';
}

// The first of these bytes in [at, end).
inline const std::uint8_t* find_json_structure(const std::uint8_t* at,
                                               const std::uint8_t* end) noexcept {
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i newline = _mm_set1_epi8('\n');
    const __m128i open = _mm_set1_epi8('{');
    const __m128i close = _mm_set1_epi8('}');
    const __m128i to_brace = _mm_set1_epi8(0x20);
    while (end - at >= 16) {
        const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        const __m128i brace = _mm_or_si128(v, to_brace);
        const __m128i bracket =
            _mm_or_si128(_mm_cmpeq_epi8(brace, open), _mm_cmpeq_epi8(brace, close));
        const __m128i other =
            _mm_or_si128(_mm_cmpeq_epi8(v, newline), _mm_cmpeq_epi8(v, _mm_setzero_si128()));
        const int mask =
            _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(bracket, other), _mm_cmpeq_epi8(v, quote)));
        if (mask != 0) {
            return at + __builtin_ctz(static_cast<unsigned>(mask));
        }
        at += 16;
    }
#endif
    while (at < end && !is_json_structure(*at)) {
        ++at;
    }
    return at;
}

}  // namespace minerwall::proto

// Appends JSON to a buffer that is reused for every line. Takes any bytes: bytes that are not valid
// UTF-8 are written as \u00XX one by one, so that a line is valid JSON for any input.
//
// Keys are our own literals and are written unescaped. The writer sets the commas, so callers do
// not count members.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string_view>

namespace minerwall::output {

// `text` as the inside of a JSON string (RFC 8259, 7), without the quotes.
void append_escaped(fmt::memory_buffer& out, std::string_view text);

class JsonText {
  public:
    void clear() {
        out_.clear();
        first_ = true;
    }
    std::string_view view() const { return {out_.data(), out_.size()}; }

    void begin_object() { open('{'); }
    void begin_object(std::string_view key) {
        put_key(key);
        raw('{');
        first_ = true;
    }
    void end_object() { close('}'); }
    void begin_array(std::string_view key) {
        put_key(key);
        raw('[');
        first_ = true;
    }
    void end_array() { close(']'); }

    void text(std::string_view key, std::string_view value) {
        put_key(key);
        raw('"');
        append_escaped(out_, value);
        raw('"');
    }
    // For our own values, which need no escaping.
    void plain(std::string_view key, std::string_view value) {
        put_key(key);
        raw('"');
        raw(value);
        raw('"');
    }
    void number(std::string_view key, std::uint64_t value) {
        put_key(key);
        digits(value);
    }
    void signed_number(std::string_view key, std::int64_t value) {
        put_key(key);
        fmt::format_to(fmt::appender(out_), "{}", value);
    }
    void boolean(std::string_view key, bool value) {
        put_key(key);
        raw(value ? "true" : "false");
    }
    // Members of an array.
    void item(std::uint64_t value) {
        comma();
        digits(value);
    }
    void item(std::string_view value) {
        comma();
        raw('"');
        append_escaped(out_, value);
        raw('"');
    }

    // For a value that is written in pieces: the key, then raw() and nothing else in between.
    void put_key(std::string_view key) {
        comma();
        raw('"');
        raw(key);
        raw("\":");
    }
    void raw(char c) { out_.push_back(c); }
    void raw(std::string_view s) { out_.append(s.data(), s.data() + s.size()); }

  private:
    void open(char c) {
        comma();
        raw(c);
        first_ = true;
    }
    void close(char c) {
        raw(c);
        first_ = false;
    }
    void comma() {
        if (!first_) {
            raw(',');
        }
        first_ = false;
    }
    void digits(std::uint64_t value) {
        const fmt::format_int text(value);
        out_.append(text.data(), text.data() + text.size());
    }

    fmt::memory_buffer out_;
    bool first_ = true;
};

}  // namespace minerwall::output

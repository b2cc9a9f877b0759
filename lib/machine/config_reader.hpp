// Typed, checked access to a libconfig tree; it collects complaints and does not throw. Internal to
// config.cpp.
#pragma once

#include <libconfig.h++>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "settings/diagnostic.hpp"

namespace minerwall::machine {

class Complaints {
  public:
    explicit Complaints(std::string file) : file_(std::move(file)) {}
    void add(unsigned line, std::string text) {
        list_.push_back({file_, line, settings::Severity::error, std::move(text)});
    }
    const std::string& file() const { return file_; }
    bool empty() const { return list_.empty(); }
    std::vector<settings::Diagnostic> take();  // in the order of their lines

  private:
    std::string file_;
    std::vector<settings::Diagnostic> list_;
};

// Checks the raw text for what libconfig accepts wrongly: integers beyond 32 bits wrap silently,
// @include opens any file on the machine, and a NUL byte ends the text.
void check_raw_text(const std::string& text, Complaints& complaints);

// A group of settings. If it is absent, every key has its default.
class Group {
  public:
    // `path` is the dotted name of the group, "" for the file. Complains about unknown keys.
    Group(const libconfig::Setting* setting, std::string path, Complaints& complaints);

    Group group(const char* key) const;
    const libconfig::Setting* find(const char* key) const;
    unsigned line() const;                 // of the group, 0 if absent
    unsigned line(const char* key) const;  // of the key, or of the group

    unsigned number(const char* key, unsigned fallback, unsigned min, unsigned max,
                    std::string_view unit = {}) const;
    bool flag(const char* key, bool fallback) const;
    std::string text(const char* key, std::string_view fallback) const;
    // Index of the word in `choices`.
    std::size_t choice(const char* key, std::size_t fallback,
                       const std::vector<std::string_view>& choices) const;
    std::vector<std::string> texts(const char* key) const;
    std::vector<unsigned> numbers(const char* key, unsigned max) const;

    void complain(const char* key, std::string_view is, std::string_view expected) const;
    std::string name(const char* key) const;

  private:
    const libconfig::Setting* setting_;
    std::string path_;
    Complaints& complaints_;
};

unsigned line_of(const libconfig::Setting& setting);
// The value as one would write it, or its kind: "12", "\"eth1\"", "a group".
std::string shown(const libconfig::Setting& setting);
// A 32-bit value of any libconfig type; false if it is not an integer.
bool as_integer(const libconfig::Setting& setting, long long& value);

}  // namespace minerwall::machine

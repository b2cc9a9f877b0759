// The text of a file with its includes, as libconfig gets it, and where each of its lines came
// from.
//
// libconfig 1.5 would open any file for `@include`, wraps integers of more than 32 bits silently,
// and searches a group linearly for each setting. So Source inserts the includes itself, checks
// integers as written, and counts settings. Control plane.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "settings/diagnostic.hpp"
#include "settings/directory.hpp"

namespace minerwall::settings {

class Source {
  public:
    static constexpr unsigned kMaxDepth = 8;  // of includes
    static constexpr unsigned kMaxFiles = 256;
    static constexpr unsigned kMaxSettings = 20'000;  // `name = value` with all includes

    // `max_bytes`: of the text with all its includes.
    explicit Source(std::size_t max_bytes) : max_bytes_(max_bytes) {}

    // Takes `text`, called `name`, with all its includes from `directory`. False, with diagnostics,
    // if libconfig must not get it.
    bool take(std::string_view text, const std::string& name, const Directory& directory,
              Diagnostics& diagnostics) {
        return take(text, name, &directory, diagnostics);
    }
    // The same for a text that must not include others.
    bool take(std::string_view text, const std::string& name, Diagnostics& diagnostics) {
        return take(text, name, nullptr, diagnostics);
    }

    const std::string& text() const noexcept { return text_; }
    // Where line `line` (from 1) of text() was written; beyond the end, the last line.
    Location locate(unsigned line) const;
    // The column of the name of setting `index`, counted from 0 in the order of the text, in its
    // file; 0 where that name is not on line `line` of text().
    unsigned column(std::size_t index, unsigned line) const;

  private:
    class Scanner;
    struct File {
        std::string name;
        unsigned lines = 0;
    };
    struct Name {  // of a setting: line of text(), column in its file
        unsigned line;
        unsigned column;
    };
    struct Segment {  // from line `first` of text() on, lines come from `file`, `file_line` onwards
        unsigned first;
        unsigned file;
        unsigned file_line;
    };
    bool take(std::string_view text, const std::string& name, const Directory* directory,
              Diagnostics& diagnostics);

    std::size_t max_bytes_;
    std::string text_;
    std::vector<File> files_;
    std::vector<Segment> segments_;
    std::vector<Name> names_;
    unsigned lines_ = 0;  // complete lines in text_
    unsigned settings_ = 0;
};

}  // namespace minerwall::settings

// The text of a policy as libconfig is given it, and where each of its lines came from.
//
// libconfig 1.5 is kept from what it does badly: it would open any file for `@include`, wraps
// integers of more than 32 bits without a word, and searches a group linearly for each setting.
// So includes are put in place here, integers are checked as they are written, and settings are
// counted. Control plane.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/directory.hpp"
#include "settings/diagnostic.hpp"

namespace minerwall::policy {

class Source {
  public:
    static constexpr unsigned kMaxDepth = 8;  // of includes
    static constexpr unsigned kMaxFiles = 256;
    static constexpr unsigned kMaxSettings = 20'000;  // `name = value` in the whole policy

    // Takes `text`, called `name`, with all its includes. False, with diagnostics, where it must
    // not go to libconfig.
    bool take(std::string_view text, const std::string& name, const Directory& directory,
              settings::Diagnostics& diagnostics);

    const std::string& text() const noexcept { return text_; }
    // Where line `line` (from 1) of text() was written.
    settings::Location locate(unsigned line) const;

  private:
    class Scanner;
    struct Segment {  // from line `first` of text() on, lines come from `file`, `file_line` onwards
        unsigned first;
        unsigned file;
        unsigned file_line;
    };
    std::string text_;
    std::vector<std::string> files_;
    std::vector<Segment> segments_;
    unsigned lines_ = 0;  // complete lines in text_
    unsigned settings_ = 0;
};

}  // namespace minerwall::policy

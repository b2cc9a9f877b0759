// Describes what is wrong with an operator's file, in the form that compilers use and editors read.
//
// Control plane, one thread per collector. The functions throw only std::bad_alloc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace minerwall::settings {

enum class Severity : std::uint8_t { warning, error };

struct Diagnostic {
    std::string file;     // a path as the operator knows it: relative if he gave a relative one
    unsigned line = 0;    // from 1; 0: the file as a whole
    unsigned column = 0;  // in bytes, from 1; 0: not known
    Severity severity = Severity::error;
    std::string message;
};

// `file:line:column: error: message`; without `:column` if it is unknown, without both for the
// whole file.
std::string format(const Diagnostic& diagnostic);

struct Location {
    std::string file;
    unsigned line = 0;
    unsigned column = 0;
};

// Collects all errors, so that an operator sees them at once. It keeps at most kPerFile of a kind
// and file, because a list in another format is wrong in every line.
class Diagnostics {
  public:
    static constexpr unsigned kPerFile = 50;

    void error(const Location& at, std::string message);
    void warning(const Location& at, std::string message);
    bool has_errors() const noexcept { return errors_ != 0; }
    // Sorts by file, line and column, for a file that is not read in order.
    void sort_by_place();
    // In order of discovery; "and N more" tells what a file has beyond the limit. Empties the
    // collector.
    std::vector<Diagnostic> take();

  private:
    struct Kept {
        unsigned errors = 0;
        unsigned warnings = 0;
    };
    std::vector<Diagnostic> items_;
    std::map<std::string, Kept> by_file_;
    std::size_t errors_ = 0;
};

}  // namespace minerwall::settings

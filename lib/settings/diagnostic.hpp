// What is wrong with a file of the operator's, in the form that compilers use and editors read.
//
// Control plane, one thread per collector. The functions throw std::bad_alloc only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace minerwall::settings {

enum class Severity : std::uint8_t { warning, error };

struct Diagnostic {
    std::string file;   // as the operator would find it: relative where the file's path was
    unsigned line = 0;  // from 1; 0: the file as a whole
    Severity severity = Severity::error;
    std::string message;
};

// `file:line: error: message`; without `:line` where the whole file is meant.
std::string format(const Diagnostic& diagnostic);

struct Location {
    std::string file;
    unsigned line = 0;
};

// Collects everything that is wrong, so that an operator sees it all at once; but at most
// kPerFile of a kind and file, because a list of another format is wrong in every line.
class Diagnostics {
  public:
    static constexpr unsigned kPerFile = 50;

    void error(const Location& at, std::string message);
    void warning(const Location& at, std::string message);
    bool has_errors() const noexcept { return errors_ != 0; }
    // In order of finding, each file's overflow told as "and N more". Leaves the collector empty.
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

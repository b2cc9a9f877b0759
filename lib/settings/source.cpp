#include "settings/source.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>

namespace minerwall::settings {

namespace {

bool is_name_start(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '*';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_name(char c) {
    return is_name_start(c) || is_digit(c) || c == '-' || c == '_';
}

// What is wrong with a number as written. Empty for a good one, and for a text that is not an
// integer, because the reader checks types.
std::string integer_fault(std::string_view text) {
    std::string_view digits = text;
    const bool wide = digits.ends_with('L');
    while (digits.ends_with('L')) {
        digits.remove_suffix(1);
    }
    const bool negative = digits.starts_with('-');
    if (negative || digits.starts_with('+')) {
        digits.remove_prefix(1);
    }
    int base = 10;
    if (digits.starts_with("0x") || digits.starts_with("0X")) {
        digits.remove_prefix(2);
        base = 16;
    }
    std::uint64_t value = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (end != digits.data() + digits.size()) {
        return {};
    }
    const std::uint64_t most =
        wide ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int32_t>::max();
    if (error != std::errc{} || value > most) {
        return "integer " + std::string(text) + " is out of range, expected at most " +
               std::to_string(most);
    }
    return {};
}

}  // namespace

// One pass over one file. It distinguishes strings and comments from the rest, as libconfig's
// scanner does, and copies the lines to the source.
class Source::Scanner {
  public:
    Scanner(Source& out, std::string_view text, unsigned file, unsigned depth,
            const Directory* directory, Diagnostics& diagnostics)
        : out_(out),
          text_(text),
          file_(file),
          depth_(depth),
          directory_(directory),
          diagnostics_(diagnostics) {}

    void run() {
        resume(1);
        unsigned number = 0;
        Location at{out_.files_[file_].name, 0, 0};
        while (!text_.empty()) {
            const std::size_t end = std::min(text_.find('\n'), text_.size());
            std::string_view line = text_.substr(0, end);
            text_.remove_prefix(std::min(end + 1, text_.size()));
            if (directory_ != nullptr && line.ends_with('\r')) {
                line.remove_suffix(1);
            }
            ++number;
            at.line = number;
            scan_line(line, at);
        }
        out_.files_[file_].lines = number;
    }

  private:
    enum class State { code, text, comment };

    // The next line that is copied is line `line` of this file.
    void resume(unsigned line) { out_.segments_.push_back({out_.lines_ + 1, file_, line}); }

    void copy(std::string_view line) {
        out_.text_.append(line).push_back('\n');
        ++out_.lines_;
    }

    void scan_line(std::string_view line, Location& at) {
        // libconfig obeys the directive at the start of any line, so it must not see one.
        const std::size_t word = line.find_first_not_of(" \t");
        const bool directive =
            word != std::string_view::npos && line.substr(word).starts_with("@include");
        at.column = directive ? static_cast<unsigned>(word + 1) : 0;
        if (directive && state_ == State::code) {
            include(line.substr(word + 8), at);
            return;
        }
        if (directive && state_ == State::text && directory_ != nullptr) {
            diagnostics_.error(at, "a line of a text must not start with @include");
            copy({});
            return;
        }
        const bool in_comment = directive && state_ == State::comment;
        scan(line, at);
        copy(in_comment ? line.substr(word + 8) : line);
    }

    void scan(std::string_view line, Location& at) {
        for (std::size_t i = 0; i < line.size();) {
            const std::string_view rest = line.substr(i);
            if (state_ == State::comment) {
                const std::size_t end = rest.find("*/");
                i = end == std::string_view::npos ? line.size() : i + end + 2;
                state_ = end == std::string_view::npos ? State::comment : State::code;
            } else if (state_ == State::text) {
                state_ = rest[0] == '"' ? State::code : State::text;
                i += rest[0] == '\\' ? 2 : 1;
            } else if (rest[0] == '#' || rest.starts_with("//")) {
                return;
            } else if (rest.starts_with("/*")) {
                state_ = State::comment;
                i += 2;
            } else {
                at.column = static_cast<unsigned>(i + 1);
                i += scan_token(rest, at);
            }
        }
    }

    std::size_t scan_token(std::string_view rest, const Location& at) {
        const char c = rest[0];
        if (is_name_start(c)) {
            name_ = {out_.lines_ + 1, at.column};
            return static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), is_name) -
                                            rest.begin());
        }
        if (is_digit(c) || ((c == '-' || c == '+') && rest.size() > 1 && is_digit(rest[1]))) {
            const auto end = std::find_if_not(rest.begin() + 1, rest.end(), [](char d) {
                return is_digit(d) || is_name_start(d) || d == '.';
            });
            const auto size = static_cast<std::size_t>(end - rest.begin());
            if (std::string fault = integer_fault(rest.substr(0, size)); !fault.empty()) {
                diagnostics_.error(at, std::move(fault));
            }
            return size;
        }
        if (c == '"') {
            state_ = State::text;
        } else if (c == '=' || c == ':') {
            add_setting(at);
        }
        return 1;
    }

    void add_setting(const Location& at) {
        if (++out_.settings_ < kMaxSettings) {
            out_.names_.push_back(name_);
        } else if (out_.settings_ == kMaxSettings) {
            diagnostics_.error(at, "more than " + std::to_string(kMaxSettings) +
                                       " settings: long lists belong into list files");
        }
    }

    // `rest`: the line behind the word @include.
    void include(std::string_view rest, const Location& at) {
        if (directory_ == nullptr) {
            diagnostics_.error(at, "@include is not allowed here, expected one file");
            copy({});
            return;
        }
        const std::size_t open = rest.find_first_not_of(" \t");
        const std::size_t close = rest.find('"', open == std::string_view::npos ? 0 : open + 1);
        if (open == std::string_view::npos || open == 0 || rest[open] != '"' ||
            close == std::string_view::npos) {
            diagnostics_.error(at, "expected @include \"FILE\" on a line of its own");
            copy({});
            return;
        }
        const std::string_view behind = rest.substr(close + 1);
        const std::size_t more = behind.find_first_not_of(" \t");
        if (more != std::string_view::npos && behind[more] != '#') {
            diagnostics_.error(at, "nothing but a comment may follow @include \"FILE\"");
        }
        const std::string name(rest.substr(open + 1, close - open - 1));
        if (out_.files_.size() >= kMaxFiles) {
            diagnostics_.error(at, "more than " + std::to_string(kMaxFiles) + " files");
        } else if (depth_ + 1 >= kMaxDepth) {
            diagnostics_.error(at, "@include deeper than " + std::to_string(kMaxDepth) +
                                       " files: does `" + name + "` include itself?");
        } else if (const auto text = directory_->read(
                       name, out_.max_bytes_ - std::min(out_.max_bytes_, out_.text_.size()), at,
                       diagnostics_)) {
            out_.files_.push_back({directory_->shown(name), 0});
            Scanner inner(out_, *text, static_cast<unsigned>(out_.files_.size() - 1), depth_ + 1,
                          directory_, diagnostics_);
            inner.run();
            if (inner.state_ != State::code) {
                diagnostics_.error(at, "`" + name + "` ends inside of a text or a comment");
            }
        }
        resume(at.line + 1);
    }

    Source& out_;
    std::string_view text_;
    unsigned file_;
    unsigned depth_;
    const Directory* directory_;  // null: includes are refused
    Diagnostics& diagnostics_;
    State state_ = State::code;
    Name name_{};  // the last one
};

bool Source::take(std::string_view text, const std::string& name, const Directory* directory,
                  Diagnostics& diagnostics) {
    files_.push_back({name, 0});
    const std::size_t nul = text.find('\0');
    if (nul != std::string_view::npos) {
        const auto line = std::count(text.begin(), text.begin() + static_cast<long>(nul), '\n') + 1;
        diagnostics.error({name, static_cast<unsigned>(line)},
                          "a NUL byte: this is not a text file");
    } else if (text.size() > max_bytes_) {
        diagnostics.error({name, 0}, "larger than " + std::to_string(max_bytes_ >> 20) + " MiB");
    } else {
        Scanner(*this, text, 0, 0, directory, diagnostics).run();
    }
    return !diagnostics.has_errors();
}

Location Source::locate(unsigned line) const {
    const auto behind =
        std::upper_bound(segments_.begin(), segments_.end(), line,
                         [](unsigned wanted, const Segment& s) { return wanted < s.first; });
    if (behind == segments_.begin()) {
        return {files_.empty() ? std::string() : files_.front().name, 0};
    }
    const Segment& s = *std::prev(behind);
    // libconfig reports the end of a text on the line behind it.
    const File& file = files_[s.file];
    return {file.name, std::min(s.file_line + (line - s.first), std::max(file.lines, 1U))};
}

unsigned Source::column(std::size_t index, unsigned line) const {
    return index < names_.size() && names_[index].line == line ? names_[index].column : 0;
}

}  // namespace minerwall::settings

#include "settings/diagnostic.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace minerwall::settings {

std::string format(const Diagnostic& diagnostic) {
    std::string out = diagnostic.file;
    if (diagnostic.line != 0) {
        out += ':' + std::to_string(diagnostic.line);
        if (diagnostic.column != 0) {
            out += ':' + std::to_string(diagnostic.column);
        }
    }
    out += diagnostic.severity == Severity::error ? ": error: " : ": warning: ";
    return out + diagnostic.message;
}

void Diagnostics::error(const Location& at, std::string message) {
    ++errors_;
    if (++by_file_[at.file].errors <= kPerFile) {
        items_.push_back({at.file, at.line, at.column, Severity::error, std::move(message)});
    }
}

void Diagnostics::warning(const Location& at, std::string message) {
    if (++by_file_[at.file].warnings <= kPerFile) {
        items_.push_back({at.file, at.line, at.column, Severity::warning, std::move(message)});
    }
}

void Diagnostics::sort_by_place() {
    std::stable_sort(items_.begin(), items_.end(), [](const Diagnostic& a, const Diagnostic& b) {
        return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
    });
}

std::vector<Diagnostic> Diagnostics::take() {
    for (const auto& [file, kept] : by_file_) {
        if (kept.errors > kPerFile) {
            items_.push_back({file, 0, 0, Severity::error,
                              "and " + std::to_string(kept.errors - kPerFile) + " more errors"});
        }
        if (kept.warnings > kPerFile) {
            items_.push_back(
                {file, 0, 0, Severity::warning,
                 "and " + std::to_string(kept.warnings - kPerFile) + " more warnings"});
        }
    }
    by_file_.clear();
    errors_ = 0;
    return std::exchange(items_, {});
}

}  // namespace minerwall::settings

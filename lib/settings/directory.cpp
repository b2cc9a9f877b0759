#include "settings/directory.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "settings/file.hpp"

namespace minerwall::settings {
namespace fs = std::filesystem;
namespace {

std::string what_is_wrong(const fs::path& path, const FileText& file, std::size_t limit) {
    using Fault = FileText::Fault;
    const std::string name = '`' + path.string() + '`';
    const auto reason = [&] { return ": " + std::generic_category().message(file.error); };
    switch (file.fault) {
        case Fault::open:
            return "cannot open " + name + reason();
        case Fault::irregular:
            return name + " is not a regular file";
        case Fault::size:
        case Fault::growth:
            return name + " is larger than " + std::to_string(limit >> 20) + " MiB";
        case Fault::read:
            return "cannot read " + name + reason();
        case Fault::none:
            break;
    }
    return {};
}

}  // namespace

std::optional<std::string> read_file(const fs::path& path, std::size_t limit, const Location& at,
                                     Diagnostics& diagnostics) {
    FileText file = read_regular_file(path, limit);
    if (file.fault != FileText::Fault::none) {
        diagnostics.error(at, what_is_wrong(path, file, limit));
        return std::nullopt;
    }
    std::string& text = file.text;
    if (const std::size_t nul = text.find('\0'); nul != std::string::npos) {
        const auto line = std::count(text.begin(), text.begin() + static_cast<long>(nul), '\n') + 1;
        diagnostics.error({path.string(), static_cast<unsigned>(line)},
                          "a NUL byte: this is not a text file");
        return std::nullopt;
    }
    return std::move(text);
}

std::optional<std::string> Directory::read(const std::string& name, std::size_t limit,
                                           const Location& at, Diagnostics& diagnostics) const {
    const auto fail = [&](const std::string& why) {
        diagnostics.error(at, "`" + name + "` " + why);
        return std::nullopt;
    };
    if (path_.empty()) {
        return fail("cannot be read: this policy has no directory of its own");
    }
    const fs::path wanted(name);
    if (name.empty() || name.find('\0') != std::string::npos) {
        return fail("is not a file name");
    }
    if (std::find(wanted.begin(), wanted.end(), "..") != wanted.end()) {
        return fail("leads out of the policy's directory: `..` is not allowed");
    }
    std::error_code error;
    const fs::path root = fs::canonical(path_, error);
    if (error) {
        return fail("cannot be read: " + path_.string() + ": " + error.message());
    }
    const fs::path real = fs::canonical(root / wanted, error);
    if (error) {
        return fail("cannot be opened: " + error.message());
    }
    const auto [end_of_root, unused] =
        std::mismatch(root.begin(), root.end(), real.begin(), real.end());
    if (end_of_root != root.end()) {
        return fail("lies outside of the policy's directory " + path_.string());
    }
    Diagnostics found;
    std::optional<std::string> text = read_file(real, limit, at, found);
    for (Diagnostic& d : found.take()) {
        // Errors inside the file use the name that the operator gave it.
        const std::string file = d.file == real.string() ? shown(name) : d.file;
        diagnostics.error({file, d.line, d.column}, std::move(d.message));
    }
    return text;
}

}  // namespace minerwall::settings

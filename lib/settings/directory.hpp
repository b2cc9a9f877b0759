// The directory that a policy may read from: the policy's own directory and those below.
//
// The author of a policy may have no right to read every file of this machine. So the directory
// refuses a name that leads outside, by `..`, as an absolute path or through a symbolic link. It
// also refuses everything except regular files. Control plane.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "settings/diagnostic.hpp"

namespace minerwall::settings {

// A whole regular file of at most `limit` bytes and without NUL bytes; else reports the cause at
// `at`.
std::optional<std::string> read_file(const std::filesystem::path& path, std::size_t limit,
                                     const Location& at, Diagnostics& diagnostics);

class Directory {
  public:
    // Empty: there is no directory, and every file is refused.
    explicit Directory(std::filesystem::path path) : path_(std::move(path)) {}

    // read_file() of `name` inside the directory. `at` is where the policy names the file.
    std::optional<std::string> read(const std::string& name, std::size_t limit, const Location& at,
                                    Diagnostics& diagnostics) const;
    // How an operator finds the file; for diagnostics.
    std::string shown(const std::string& name) const { return (path_ / name).string(); }

  private:
    std::filesystem::path path_;
};

}  // namespace minerwall::settings

#include "policy/directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace minerwall::policy {
using settings::Diagnostic;
using settings::Diagnostics;
using settings::Location;
namespace fs = std::filesystem;
namespace {

class File {
  public:
    // Without O_NONBLOCK, opening a FIFO would wait for somebody to write to it.
    explicit File(const fs::path& path)
        : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (fd_ >= 0) {
            close(fd_);
        }
    }
    int fd() const { return fd_; }

  private:
    int fd_;
};

std::string system_text(int error) {
    return std::generic_category().message(error);
}

std::string too_large(const fs::path& path, std::size_t limit) {
    return "`" + path.string() + "` is larger than " + std::to_string(limit >> 20) + " MiB";
}

}  // namespace

std::optional<std::string> read_file(const fs::path& path, std::size_t limit, const Location& at,
                                     Diagnostics& diagnostics) {
    const auto fail = [&](const std::string& message) {
        diagnostics.error(at, message);
        return std::nullopt;
    };
    const File file(path);
    struct stat info {};
    if (file.fd() < 0 || fstat(file.fd(), &info) != 0) {
        return fail("cannot open `" + path.string() + "`: " + system_text(errno));
    }
    if (!S_ISREG(info.st_mode)) {
        return fail("`" + path.string() + "` is not a regular file");
    }
    if (static_cast<std::size_t>(info.st_size) > limit) {
        return fail(too_large(path, limit));
    }
    std::string text;
    text.resize(static_cast<std::size_t>(info.st_size));
    std::size_t have = 0;
    while (true) {
        if (have == text.size()) {  // the file may grow while it is read, but not past the limit
            text.resize(std::min(limit, have + 65536) + 1);
        }
        const ssize_t n = ::read(file.fd(), text.data() + have, text.size() - have);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return fail("cannot read `" + path.string() + "`: " + system_text(errno));
        }
        if (n == 0) {
            break;
        }
        have += static_cast<std::size_t>(n);
        if (have > limit) {
            return fail(too_large(path, limit));
        }
    }
    text.resize(have);
    if (const std::size_t nul = text.find('\0'); nul != std::string::npos) {
        const auto line = std::count(text.begin(), text.begin() + static_cast<long>(nul), '\n') + 1;
        diagnostics.error({path.string(), static_cast<unsigned>(line)},
                          "a NUL byte: this is not a text file");
        return std::nullopt;
    }
    return text;
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
        // What is wrong inside the file is told under the name that the operator gave it.
        const std::string file = d.file == real.string() ? shown(name) : d.file;
        diagnostics.error({file, d.line}, std::move(d.message));
    }
    return text;
}

}  // namespace minerwall::policy

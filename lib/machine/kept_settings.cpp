#include "machine/kept_settings.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace minerwall::machine {

std::string KeptSettings::keep(const InterfaceSettings& before) const {
    if (path_.empty()) {
        return {};
    }
    const std::string draft = path_ + ".new";
    const std::string text = to_text(before);
    const int fd = open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool written =
        fd >= 0 && write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const int why = errno;
    if (fd >= 0) {
        close(fd);
    }
    written = written && std::rename(draft.c_str(), path_.c_str()) == 0;
    return written ? std::string{}
                   : fmt::format("{}: {}", path_, std::generic_category().message(why));
}

std::optional<InterfaceSettings> KeptSettings::read() const {
    const int fd =
        path_.empty() ? -1 : open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) {
        return std::nullopt;
    }
    std::array<char, 4096> text;
    const ssize_t n = ::read(fd, text.data(), text.size());
    close(fd);
    return n > 0 ? settings_from({text.data(), static_cast<std::size_t>(n)}) : std::nullopt;
}

void KeptSettings::forget() const {
    if (!path_.empty()) {
        unlink(path_.c_str());
        unlink((path_ + ".new").c_str());
    }
}

}  // namespace minerwall::machine

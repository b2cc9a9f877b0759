#include "machine/end_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "machine/kept_settings.hpp"

namespace minerwall::machine {
namespace {

constexpr const char* kKept = ".settings";  // in place of ".lock"
constexpr int kTries = 5;
constexpr unsigned kPauseMicros = 40'000;

std::string failed(const std::string& path) {
    return fmt::format("cannot lock {}: {}; run as root", path,
                       std::generic_category().message(errno));
}

std::uint64_t own_network_namespace() {
    struct stat info {};
    return stat("/proc/self/ns/net", &info) == 0 ? info.st_ino : 0;
}

// The file is still the one that another process would open.
bool in_place(int fd, const std::string& path) {
    struct stat ours {
    }, there{};
    return fstat(fd, &ours) == 0 && stat(path.c_str(), &there) == 0 &&
           ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

std::string owner(int fd) {
    std::array<char, 16> text{};
    const ssize_t n = pread(fd, text.data(), text.size(), 0);
    return {text.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
}

// -1 with errno if it cannot be opened; EWOULDBLOCK: another process has it, `other` says which.
int open_locked(const std::string& path, std::string& other) {
    for (;;) {
        const int fd =
            open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
        if (fd < 0) {
            return -1;
        }
        if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
            const int why = errno;
            other = owner(fd);
            close(fd);
            errno = why;
            return -1;
        }
        if (in_place(fd, path)) {
            return fd;
        }
        close(fd);  // its owner removed it meanwhile
    }
}

}  // namespace

std::string lock_file(const EndConfig& end, std::uint64_t network_namespace) {
    std::string_view interface;
    switch (end.kind) {
        case EndKind::pci:
            return "pci-" + end.device + ".lock";
        case EndKind::kernel:
            interface = end.device;
            break;
        case EndKind::vdev: {
            constexpr std::string_view kKey = ",iface=";
            const std::size_t at = end.device.find(kKey);
            if (at == std::string::npos) {
                return {};
            }
            interface = std::string_view(end.device).substr(at + kKey.size());
            interface = interface.substr(0, interface.find(','));
        }
    }
    return fmt::format("net-{}-{}.lock", network_namespace, interface);
}

std::string EndLocks::lock_directory() {
    const char* const own = geteuid() == 0 ? nullptr : std::getenv("XDG_RUNTIME_DIR");
    return std::string(own == nullptr ? "/run" : own) + "/minerwall-locks";
}

EndLocks::EndLocks(std::string directory) : directory_(std::move(directory)) {}

EndLocks::EndLocks(EndLocks&& other) noexcept
    : directory_(std::move(other.directory_)), held_(std::exchange(other.held_, {})) {}

EndLocks::~EndLocks() {
    release();
}

void EndLocks::release() noexcept {
    for (const Held& held : held_) {
        if (in_place(held.fd, held.path)) {
            unlink(held.path.c_str());
        }
        close(held.fd);
    }
    held_.clear();
}

std::string EndLocks::make_directory() const {
    return mkdir(directory_.c_str(), 0700) == 0 || errno == EEXIST ? std::string{}
                                                                   : failed(directory_);
}

std::string EndLocks::take(const std::vector<WireConfig>& wires) {
    std::string error = make_directory();
    const std::uint64_t network_namespace = own_network_namespace();
    for (const WireConfig& wire : wires) {
        for (const EndConfig& end : wire.ends) {
            const std::string file = lock_file(end, network_namespace);
            if (error.empty() && !file.empty()) {
                error = take("wire end " + end.name, directory_ + "/" + file);
            }
        }
    }
    return error;
}

std::string EndLocks::take_file(const std::string& path) {
    const std::filesystem::path file(path);
    struct stat folder {};
    if (stat(file.has_parent_path() ? file.parent_path().c_str() : ".", &folder) != 0) {
        return {};  // nobody can write it; who tries will say so
    }
    std::string error = make_directory();
    return !error.empty() ? error
                          : take("file " + path,
                                 fmt::format("{}/file-{}-{}-{}.lock", directory_, folder.st_dev,
                                             folder.st_ino, file.filename().string()));
}

std::string EndLocks::take(const std::string& what, const std::string& path) {
    std::string other;
    int fd = open_locked(path, other);
    // Another daemon that clears leftovers has each of them for a moment.
    for (int tries = 1; fd < 0 && errno == EWOULDBLOCK && tries < kTries; ++tries) {
        usleep(kPauseMicros);
        fd = open_locked(path, other);
    }
    if (fd < 0) {
        return errno == EWOULDBLOCK
                   ? fmt::format("the {} belongs to process {} already ({})", what, other, path)
                   : failed(path);
    }
    held_.push_back({path, fd});
    // The lock counts; the number is only for the message to others.
    const std::string pid = std::to_string(getpid());
    if (ftruncate(fd, 0) != 0 ||
        pwrite(fd, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
        return failed(path);
    }
    return {};
}

std::string EndLocks::kept_file(const EndConfig& end) const {
    if (end.kind != EndKind::kernel) {
        return {};
    }
    const std::filesystem::path lock = lock_file(end, own_network_namespace());
    return directory_ + "/" + std::filesystem::path(lock).replace_extension(kKept).string();
}

std::vector<std::string> EndLocks::clear_leftovers() const {
    std::vector<std::string> put_back;
    const std::string ours = fmt::format("net-{}-", own_network_namespace());
    std::error_code ignored;
    std::set<std::filesystem::path> locks;
    for (const auto& entry : std::filesystem::directory_iterator(directory_, ignored)) {
        std::filesystem::path file = entry.path();
        const std::string name = file.filename();
        if ((file.extension() == ".lock" || file.extension() == kKept) &&
            (name.starts_with(ours) || !name.starts_with("net-"))) {
            locks.insert(file.replace_extension(".lock"));
        }
    }
    const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    for (const std::filesystem::path& lock : locks) {
        std::string other;
        const int fd = open_locked(lock, other);
        if (fd < 0) {
            continue;  // in use, by us or by another daemon
        }
        const KeptSettings kept(std::filesystem::path(lock).replace_extension(kKept));
        if (const auto before = kept.read()) {
            if (std::string name = restore_settings(control, *before); !name.empty()) {
                put_back.push_back(std::move(name));
            }
        }
        kept.forget();
        unlink(lock.c_str());
        close(fd);
    }
    close(control);
    return put_back;
}

}  // namespace minerwall::machine

#include "machine/end_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

namespace minerwall::machine {
namespace {

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
    for (const Held& held : held_) {
        if (in_place(held.fd, held.path)) {
            unlink(held.path.c_str());
        }
        close(held.fd);
    }
}

std::string EndLocks::take(const std::vector<WireConfig>& wires) {
    if (mkdir(directory_.c_str(), 0700) != 0 && errno != EEXIST) {
        return failed(directory_);
    }
    const std::uint64_t network_namespace = own_network_namespace();
    for (const WireConfig& wire : wires) {
        for (const EndConfig& end : wire.ends) {
            const std::string file = lock_file(end, network_namespace);
            if (file.empty()) {
                continue;
            }
            if (std::string error = take(end.name, directory_ + "/" + file); !error.empty()) {
                return error;
            }
        }
    }
    return {};
}

std::string EndLocks::take(const std::string& end, const std::string& path) {
    for (;;) {
        const int fd =
            open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
        if (fd < 0) {
            return failed(path);
        }
        if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
            std::string error =
                errno == EWOULDBLOCK
                    ? fmt::format("the wire end {} belongs to process {} already ({})", end,
                                  owner(fd), path)
                    : failed(path);
            close(fd);
            return error;
        }
        if (!in_place(fd, path)) {  // its owner removed it meanwhile
            close(fd);
            continue;
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
}

}  // namespace minerwall::machine

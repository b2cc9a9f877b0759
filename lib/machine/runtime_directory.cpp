#include "machine/runtime_directory.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

namespace minerwall::machine {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOwner = "owner";
// Another process may be between making its directory and locking it.
constexpr std::chrono::seconds kYoung{60};
constexpr std::chrono::milliseconds kMostTime{200};  // of a start, for what others left

// -1: cannot be locked, because its owner lives, or it is not there.
int lock_owner_file(const fs::path& directory, int flags) {
    const int fd = open((directory / kOwner).c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
        return fd;
    }
    const int why = errno;
    if (fd >= 0) {
        close(fd);
    }
    errno = why;
    return -1;
}

// A process that made no owner file is dead if its id is free, or was when the directory was young.
bool is_abandoned(const fs::path& directory, const std::string& prefix) {
    std::error_code error;
    const auto changed = fs::last_write_time(directory, error);
    const auto pid =
        static_cast<pid_t>(std::atoi(directory.filename().string().substr(prefix.size()).c_str()));
    return !error && fs::file_time_type::clock::now() - changed > kYoung && pid > 0 &&
           kill(pid, 0) != 0 && errno == ESRCH;
}

}  // namespace

RuntimeDirectory::RuntimeDirectory(RuntimeDirectory&& other) noexcept
    : path_(std::exchange(other.path_, {})), lock_(std::exchange(other.lock_, -1)) {}

RuntimeDirectory& RuntimeDirectory::operator=(RuntimeDirectory&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(lock_, other.lock_);
    return *this;
}

RuntimeDirectory::~RuntimeDirectory() {
    if (lock_ >= 0) {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
        close(lock_);
    }
}

void RuntimeDirectory::own(std::string path) {
    if (path.empty()) {
        return;  // DPDK stopped before it made one
    }
    path_ = std::move(path);
    lock_ = lock_owner_file(path_, O_RDWR | O_CREAT);
    if (lock_ >= 0) {
        sweep();
    }
}

void RuntimeDirectory::sweep() const {
    const fs::path ours(path_);
    const std::string name = ours.filename();
    const std::string prefix = name.substr(0, name.rfind('-') + 1);
    std::error_code ignored;
    const auto until = std::chrono::steady_clock::now() + kMostTime;
    for (const auto& entry : fs::directory_iterator(ours.parent_path(), ignored)) {
        if (std::chrono::steady_clock::now() > until) {
            return;  // the next start goes on
        }
        const fs::path& other = entry.path();
        if (other == ours || prefix.empty() || !other.filename().string().starts_with(prefix) ||
            !entry.is_directory(ignored) || entry.is_symlink(ignored)) {
            continue;
        }
        const int lock = lock_owner_file(other, O_RDWR);
        if (lock >= 0 || (errno == ENOENT && is_abandoned(other, prefix))) {
            fs::remove_all(other, ignored);
        }
        if (lock >= 0) {
            close(lock);
        }
    }
}

}  // namespace minerwall::machine

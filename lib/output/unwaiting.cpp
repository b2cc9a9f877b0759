#include "output/unwaiting.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace minerwall::output {

Unwaiting::Unwaiting(int fd) noexcept {
    struct stat info {};
    if (::fstat(fd, &info) != 0) {
        return;
    }
    if (S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode)) {
        std::array<char, 32> path{};
        fmt::format_to_n(path.data(), path.size() - 1, "/proc/self/fd/{}", fd);
        fd_ = ::open(path.data(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd_ >= 0) {
            return;
        }
        way_ = Way::poll_first;  // no /proc, or a pipe of another user
    } else if (S_ISSOCK(info.st_mode)) {
        way_ = Way::socket;
    }
    fd_ = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

Unwaiting::~Unwaiting() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

ssize_t Unwaiting::write(std::string_view bytes) noexcept {
    switch (way_) {
        case Way::plain:
            break;
        case Way::socket:
            return ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        case Way::poll_first: {
            // A pipe with room takes PIPE_BUF bytes at once, unless another writer is faster.
            pollfd one{fd_, POLLOUT, 0};
            if (::poll(&one, 1, 0) != 1) {
                errno = EAGAIN;
                return -1;
            }
            bytes = bytes.substr(0, PIPE_BUF);
            break;
        }
    }
    return ::write(fd_, bytes.data(), bytes.size());
}

}  // namespace minerwall::output

#include "minerwalld/outlet.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace minerwall::daemon {
namespace {

ssize_t write_to(void* outlet, const char* text, std::size_t size) {
    static_cast<Outlet*>(outlet)->write({text, size});
    return static_cast<ssize_t>(size);  // what is lost is counted
}

}  // namespace

Outlet::Outlet(int fd) : to_(fd) {
    struct stat info {};
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
        file_ = std::make_unique<SlowFile>(fd);
    }
}

Outlet::~Outlet() {
    if (stream_ != nullptr) {
        std::fclose(stream_);
    }
}

std::FILE* Outlet::stream() {
    if (stream_ == nullptr) {
        stream_ = fopencookie(this, "w", {nullptr, write_to, nullptr, nullptr});
    }
    return stream_;
}

std::uint64_t Outlet::lost() const {
    const std::lock_guard lock(mutex_);
    return lost_;
}

bool Outlet::put(std::string_view text) {
    if (file_ != nullptr) {
        return file_->write(text);
    }
    ssize_t n = 0;
    do {
        n = to_.write(text);
    } while (n < 0 && errno == EINTR);
    if (n > 0) {
        rest_ = text.substr(static_cast<std::size_t>(n));
    }
    return n > 0;
}

// True: no line is waiting, and no loss is untold.
bool Outlet::settle_locked() {
    while (!rest_.empty()) {
        const std::string rest = rest_;
        if (!put(rest)) {
            return false;
        }
    }
    if (untold_ != 0 &&
        put(fmt::format("minerwalld: warning: {} line{} of this log {} lost, because its reader "
                        "did not keep up\n",
                        untold_, untold_ == 1 ? "" : "s", untold_ == 1 ? "was" : "were"))) {
        untold_ = 0;
    }
    return rest_.empty() && untold_ == 0;
}

void Outlet::settle() {
    const std::lock_guard lock(mutex_);
    settle_locked();
}

void Outlet::flush(std::chrono::milliseconds patience) {
    const std::lock_guard lock(mutex_);
    if (file_ != nullptr) {
        file_->flush(patience);
    }
}

// Waits until the reader made room, within the deadline.
bool Outlet::room_until(Clock::time_point deadline) const {
    if (file_ != nullptr) {
        return false;
    }
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd one{to_.get(), POLLOUT, 0};
    return left.count() > 0 && to_.valid() &&
           ::poll(&one, 1, static_cast<int>(left.count())) == 1 && one.revents == POLLOUT;
}

void Outlet::write(std::string_view lines, std::chrono::milliseconds patience) {
    const std::lock_guard lock(mutex_);
    const Clock::time_point deadline = Clock::now() + patience;
    bool taken = false;
    if (file_ != nullptr && patience.count() > 0) {
        file_->flush(patience);  // for room
    }
    for (;;) {
        taken = taken || (settle_locked() && put(lines));
        if ((taken && settle_locked()) || !room_until(deadline)) {
            break;
        }
    }
    if (file_ != nullptr && patience.count() > 0) {
        file_->flush(patience);
    }
    if (!taken) {
        const auto count = static_cast<std::uint64_t>(std::ranges::count(lines, '\n'));
        lost_ += count;
        untold_ += count;
    }
}

}  // namespace minerwall::daemon

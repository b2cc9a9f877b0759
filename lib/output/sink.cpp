#include "output/sink.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace minerwall::output {
namespace {

// Wait this long after a failed write: a full disk must not cost one system call per line.
constexpr std::chrono::milliseconds kRetryAfter{200};

std::string failed(std::string_view what, const std::string& path, int error) {
    return fmt::format("{} {}: {}", what, path, std::generic_category().message(error));
}

std::uint64_t count_lines(std::string_view text) noexcept {
    return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

bool same_file(int a, int b) noexcept {
    struct stat one {
    }, other{};
    return ::fstat(a, &one) == 0 && ::fstat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

}  // namespace

Sink::Sink(SinkOptions options) : options_(std::move(options)) {
    buffer_.reserve(options_.buffer_bytes);
}

Sink::~Sink() {
    close();
}

int Sink::open_path(std::string& error) const {
    // O_NONBLOCK: opening a FIFO without a reader fails at once instead of waiting for one.
    const int fd =
        options_.path == "-"
            ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
            : ::open(options_.path.c_str(),
                     O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
    if (fd < 0) {
        error = failed("cannot open event log", options_.path, errno);
    }
    return fd;
}

std::string Sink::open() {
    const std::lock_guard lock(mutex_);
    std::string error;
    const int fd = open_path(error);
    if (fd < 0) {
        return error;
    }
    if (fd_ >= 0 && same_file(fd, fd_)) {  // not renamed: we write it, and own it already
        ::close(fd);
        settle_locked();
        return {};
    }
    struct stat info {};
    const bool known = ::fstat(fd, &info) == 0;
    if (known && options_.path != "-" && (S_ISREG(info.st_mode) || S_ISFIFO(info.st_mode)) &&
        ::flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        ::close(fd);
        return fmt::format("cannot open event log {}: another process writes it", options_.path);
    }
    if (fd_ >= 0) {
        settle_locked();
        close_fd();
    }
    pipe_ = known && S_ISREG(info.st_mode) ? nullptr : std::make_unique<Unwaiting>(fd);
    fd_ = fd;
    retry_at_ = {};
    return {};
}

std::string Sink::reopen() {
    return open();
}

void Sink::append(std::string_view lines) noexcept {
    const std::lock_guard lock(mutex_);
    if (buffer_.size() + lines.size() > options_.buffer_bytes) {
        flush_locked();
    }
    if (fd_ < 0 || buffer_.size() + lines.size() > options_.buffer_bytes) {
        lost_.fetch_add(count_lines(lines), kRelaxed);
        return;
    }
    buffer_ += lines;  // fits the reserved space: does not allocate
    if (buffer_.size() >= options_.write_bytes) {
        flush_locked();
    }
}

bool Sink::flush() noexcept {
    const std::lock_guard lock(mutex_);
    return flush_locked();
}

bool Sink::flush_locked() noexcept {
    if (buffer_.empty()) {
        return true;
    }
    const Clock::time_point now = Clock::now();
    if (fd_ < 0 || now < retry_at_) {
        return false;
    }
    const Clock::time_point deadline = now + options_.patience;
    while (!buffer_.empty()) {
        if (!write_some(deadline)) {
            retry_at_ = Clock::now() + kRetryAfter;
            return false;
        }
    }
    return true;
}

// One write of the buffer's front. False if nothing more can be written for now.
bool Sink::write_some(Clock::time_point deadline) noexcept {
    std::size_t size = buffer_.size();
    if (pipe_ != nullptr) {
        // Others may share the pipe: it may be full again before we write, so the write must not
        // wait. Up to PIPE_BUF bytes stay together.
        size = std::min<std::size_t>(size, PIPE_BUF);
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        pollfd poll_fd{pipe_->get(), POLLOUT, 0};
        const int ready =
            ::poll(&poll_fd, 1, static_cast<int>(std::clamp<long long>(left.count(), 0, INT_MAX)));
        if (ready == 0 || (ready < 0 && errno != EINTR)) {
            errors_.fetch_add(1, kRelaxed);
            return false;
        }
        if (ready < 0) {
            return true;
        }
    }
    const std::string_view front(buffer_.data(), size);
    const ssize_t n = pipe_ != nullptr ? pipe_->write(front) : ::write(fd_, front.data(), size);
    if (n < 0) {
        if (errno == EINTR || errno == EAGAIN) {
            return true;  // the deadline ends it
        }
        errors_.fetch_add(1, kRelaxed);
        return false;
    }
    const std::string_view out(buffer_.data(), static_cast<std::size_t>(n));
    const std::size_t line_end = out.rfind('\n');
    torn_ = line_end == std::string_view::npos ? torn_ + out.size() : out.size() - line_end - 1;
    written_.fetch_add(count_lines(out), kRelaxed);
    buffer_.erase(0, out.size());
    return true;
}

void Sink::settle_locked() noexcept {
    retry_at_ = {};
    flush_locked();
    if (torn_ != 0 && pipe_ == nullptr) {
        // Leave only whole lines in the file: remove the part of a line whose rest found no room.
        const off_t end = ::lseek(fd_, 0, SEEK_END);
        if (end >= static_cast<off_t>(torn_) &&
            ::ftruncate(fd_, end - static_cast<off_t>(torn_)) != 0) {
            errors_.fetch_add(1, kRelaxed);
        }
    }
    lost_.fetch_add(count_lines(buffer_), kRelaxed);
    buffer_.clear();
    torn_ = 0;
}

void Sink::close_fd() noexcept {
    if (::close(fd_) != 0) {
        errors_.fetch_add(1, kRelaxed);
    }
    fd_ = -1;
    pipe_.reset();
}

void Sink::close() noexcept {
    const std::lock_guard lock(mutex_);
    if (fd_ < 0) {
        return;
    }
    settle_locked();
    close_fd();
}

}  // namespace minerwall::output

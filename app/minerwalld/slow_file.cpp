#include "minerwalld/slow_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <string>
#include <utility>

namespace minerwall::daemon {

struct SlowFile::Waiting {
    explicit Waiting(int to) : fd(::fcntl(to, F_DUPFD_CLOEXEC, 3)) {}
    ~Waiting() { ::close(fd); }

    // Until nothing waits. The thread, without the mutex while it writes.
    void write_all() {
        for (;;) {
            std::string lines;
            {
                const std::lock_guard lock(mutex);
                lines = std::exchange(text, {});
                running = !lines.empty();
            }
            if (lines.empty()) {
                return;
            }
            for (std::size_t at = 0; at < lines.size();) {
                const ssize_t n = ::write(fd, lines.data() + at, lines.size() - at);
                if (n < 0 && errno != EINTR) {
                    break;  // a full disk
                }
                at += n > 0 ? static_cast<std::size_t>(n) : 0;
            }
        }
    }

    const int fd;
    std::mutex mutex;
    std::string text;
    bool running = false;  // a thread will look at the text again
};

SlowFile::SlowFile(int fd) : waiting_(std::make_shared<Waiting>(fd)) {}

SlowFile::~SlowFile() {
    flush(std::chrono::seconds(1));
}

bool SlowFile::write(std::string_view lines) {
    bool running = true;
    {
        const std::lock_guard lock(waiting_->mutex);
        if (waiting_->text.size() + lines.size() > kMostBytes) {
            return false;
        }
        waiting_->text += lines;
        running = std::exchange(waiting_->running, true);
    }
    if (!running) {
        thread_.wait(std::chrono::seconds(1));  // the last one has written all, and just ends
        if (!thread_.start([waiting = waiting_] { waiting->write_all(); })) {
            const std::lock_guard lock(waiting_->mutex);
            waiting_->running = false;  // the next lines try again
        }
    }
    return true;
}

bool SlowFile::flush(std::chrono::milliseconds patience) {
    thread_.wait(patience);
    const std::lock_guard lock(waiting_->mutex);
    return !waiting_->running && waiting_->text.empty();
}

}  // namespace minerwall::daemon

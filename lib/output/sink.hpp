// Where event lines go: a file, a pipe or standard output.
//
// The sink collects lines and writes them in large pieces. A full disk or a stuck reader costs
// lines, which are counted. It never costs a wait beyond `patience` or a torn line: the rest of a
// short write goes out first when there is room again.
//
// A file or FIFO has one sink: it is locked (flock) while it is open. A file system without locks
// is used as it is.
//
// Thread: any; each call takes the sink's lock. No call throws.
// A pipe whose reader left raises SIGPIPE in the calling thread, as for any program; the daemon
// ignores that signal and only counts.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "output/consumer.hpp"
#include "output/unwaiting.hpp"

namespace minerwall::output {

struct SinkOptions {
    std::string path = "-";  // "-": standard output
    // How long one write may wait for the reader of a pipe. A replay must not lose a line and waits
    // long; a daemon waits briefly.
    std::chrono::milliseconds patience{100};
    std::size_t buffer_bytes = std::size_t{1} << 20;  // lines beyond this are lost
    std::size_t write_bytes = std::size_t{64} << 10;  // append() writes once this much waits
};

class Sink {
  public:
    explicit Sink(SinkOptions options = {});
    ~Sink();
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;

    // Opens the path for appending (0640, not inherited by children). Returns an empty text on
    // success. Otherwise it returns one line that says what failed, and the sink counts every line
    // as lost until reopen().
    std::string open();
    // After the file was renamed (USR1): writes the waiting lines to the old file and opens the
    // path anew. On failure the old file stays in use. Same result as open().
    std::string reopen();

    // Takes whole lines, each ended by '\n'. The sink keeps them, or loses and counts them.
    void append(std::string_view lines) noexcept;
    // Writes what waits. Returns false if something still waits.
    bool flush() noexcept;
    // Flushes, counts what could not be written as lost, closes.
    void close() noexcept;

    // In lines.
    Counts counts() const noexcept {
        return {written_.load(kRelaxed), lost_.load(kRelaxed), errors_.load(kRelaxed)};
    }

  private:
    static constexpr auto kRelaxed = std::memory_order_relaxed;
    using Clock = std::chrono::steady_clock;

    int open_path(std::string& error) const;
    bool flush_locked() noexcept;
    bool write_some(Clock::time_point deadline) noexcept;
    void settle_locked() noexcept;  // before we leave the file: nothing may wait
    void close_fd() noexcept;

    const SinkOptions options_;
    std::mutex mutex_;
    int fd_ = -1;
    std::unique_ptr<Unwaiting> pipe_;  // to write to, unless it is a regular file
    std::string buffer_;
    std::size_t torn_ = 0;  // bytes of the buffer's first line that the file already has
    Clock::time_point retry_at_{};
    std::atomic<std::uint64_t> written_{0}, lost_{0}, errors_{0};
};

}  // namespace minerwall::output

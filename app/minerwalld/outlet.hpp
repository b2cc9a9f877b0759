// Standard error or output for the daemon's own messages.
//
// A reader or a disk that does not keep up costs lines. They are counted, and a line says so once
// there is room. It never costs a wait beyond `patience`. Any thread; each call takes the outlet's
// lock.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "minerwalld/slow_file.hpp"
#include "output/unwaiting.hpp"

namespace minerwall::daemon {

class Outlet {
  public:
    explicit Outlet(int fd);
    ~Outlet();
    Outlet(const Outlet&) = delete;
    Outlet& operator=(const Outlet&) = delete;

    // lines: whole ones, each with its '\n'.
    void write(std::string_view lines,
               std::chrono::milliseconds patience = std::chrono::milliseconds(0));
    // Says how many lines were lost, if some were and there is room now.
    void settle();
    // Waits so long for a slow disk to have all.
    void flush(std::chrono::milliseconds patience);
    std::uint64_t lost() const;  // lines so far

    // A stream for libraries, open as long as the outlet. Null if there is no memory.
    std::FILE* stream();

  private:
    using Clock = std::chrono::steady_clock;

    bool put(std::string_view text);  // false: not a byte of it
    bool settle_locked();
    bool room_until(Clock::time_point deadline) const;

    mutable std::mutex mutex_;
    output::Unwaiting to_;
    std::unique_ptr<SlowFile> file_;  // in its place, if it is a regular file
    std::string rest_;                // of a line that was written in part
    std::uint64_t lost_ = 0;
    std::uint64_t untold_ = 0;  // of these
    std::FILE* stream_ = nullptr;
};

}  // namespace minerwall::daemon

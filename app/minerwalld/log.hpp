// The daemon's own messages, on standard error, one line each. A message waits for nothing: if the
// reader does not keep up, it is lost and counted. Not for the fast path.
#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "machine/config.hpp"
#include "minerwalld/outlet.hpp"

namespace minerwall::daemon {

class Log {
  public:
    explicit Log(Outlet& out) noexcept : out_(out) {}  // outlives the log
    void set_level(machine::LogLevel level) noexcept { level_ = level; }

    template <typename... Args>
    void error(fmt::format_string<Args...> text, Args&&... args) const {
        write(machine::LogLevel::error, "error: ", fmt::format(text, std::forward<Args>(args)...));
    }
    template <typename... Args>
    void warning(fmt::format_string<Args...> text, Args&&... args) const {
        write(machine::LogLevel::warning,
              "warning: ", fmt::format(text, std::forward<Args>(args)...));
    }
    template <typename... Args>
    void info(fmt::format_string<Args...> text, Args&&... args) const {
        write(machine::LogLevel::info, "", fmt::format(text, std::forward<Args>(args)...));
    }

    // Says how many messages were lost, once there is room for it.
    void settle() const { out_.settle(); }
    // Before an end that runs no destructor.
    void flush(std::chrono::milliseconds patience) const { out_.flush(patience); }
    std::FILE* stream() const { return out_.stream(); }  // for DPDK's messages

  private:
    void write(machine::LogLevel level, std::string_view word, std::string_view text) const {
        if (level <= level_) {
            out_.write(fmt::format("minerwalld: {}{}\n", word, text));
        }
    }
    Outlet& out_;
    machine::LogLevel level_ = machine::LogLevel::info;
};

}  // namespace minerwall::daemon

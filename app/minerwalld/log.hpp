// The daemon's own messages, on standard error, one line each. Not for the fast path.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string_view>
#include <utility>

#include "machine/config.hpp"

namespace minerwall::daemon {

class Log {
  public:
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

  private:
    void write(machine::LogLevel level, std::string_view word, std::string_view text) const {
        if (level <= level_) {
            fmt::print(stderr, "minerwalld: {}{}\n", word, text);
        }
    }
    machine::LogLevel level_ = machine::LogLevel::info;
};

}  // namespace minerwall::daemon

// The daemon's own words, on standard error, one line each. Not for the path.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string_view>
#include <utility>

#include "host/config.hpp"

namespace minerwall::daemon {

class Log {
  public:
    void set_level(host::LogLevel level) noexcept { level_ = level; }

    template <typename... Args>
    void error(fmt::format_string<Args...> text, Args&&... args) const {
        write(host::LogLevel::error, "error: ", fmt::format(text, std::forward<Args>(args)...));
    }
    template <typename... Args>
    void warning(fmt::format_string<Args...> text, Args&&... args) const {
        write(host::LogLevel::warning, "warning: ", fmt::format(text, std::forward<Args>(args)...));
    }
    template <typename... Args>
    void info(fmt::format_string<Args...> text, Args&&... args) const {
        write(host::LogLevel::info, "", fmt::format(text, std::forward<Args>(args)...));
    }

  private:
    void write(host::LogLevel level, std::string_view word, std::string_view text) const {
        if (level <= level_) {
            fmt::print(stderr, "minerwalld: {}{}\n", word, text);
        }
    }
    host::LogLevel level_ = host::LogLevel::info;
};

}  // namespace minerwall::daemon

#include "minerwall/progress_bar.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace minerwall {

ProgressBar::ProgressBar() : shown_(isatty(STDERR_FILENO) == 1) {}

void ProgressBar::show(const std::string& name, std::uint64_t read, std::uint64_t total) {
    constexpr std::uint64_t kLong = 64u << 20;  // bytes; below it is over before it is drawn
    const auto now = std::chrono::steady_clock::now();
    if (!shown_ || total < kLong || now - last_ < std::chrono::milliseconds(100)) {
        return;
    }
    last_ = now;
    constexpr unsigned kWidth = 40;
    const auto filled = static_cast<unsigned>(std::min(read, total) * kWidth / total);
    fmt::print(stderr, "\r\033[K{} [{:#<{}}{:.<{}}] {:3}%", name, "", filled, "", kWidth - filled,
               std::min(read, total) * 100 / total);
    std::fflush(stderr);
    drawn_ = true;
}

void ProgressBar::clear() {
    if (drawn_) {
        fmt::print(stderr, "\r\033[K");
        std::fflush(stderr);
        drawn_ = false;
    }
}

}  // namespace minerwall

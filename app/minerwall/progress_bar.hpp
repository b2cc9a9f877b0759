// A bar on standard error while a person is watching, and nothing otherwise.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace minerwall {

class ProgressBar {
  public:
    ProgressBar();
    ~ProgressBar() { clear(); }
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    // `read` and `total`: bytes of the file `name`. `total` 0: not known.
    void show(const std::string& name, std::uint64_t read, std::uint64_t total);
    // Before anything else is printed.
    void clear();

  private:
    const bool shown_;
    bool drawn_ = false;
    std::chrono::steady_clock::time_point last_{};
};

}  // namespace minerwall

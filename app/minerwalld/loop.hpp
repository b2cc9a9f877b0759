// The main thread's loop: an epoll over a signalfd and a timerfd.
#pragma once

#include <functional>

namespace minerwall::daemon {

// A file descriptor that is closed with its owner.
class Descriptor {
  public:
    // what: the call that returned `fd`, for the text of std::system_error if it failed.
    Descriptor(int fd, const char* what);
    ~Descriptor();
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const noexcept { return fd_; }

  private:
    int fd_;
};

class Loop {
  public:
    struct Handlers {
        std::function<void()> reload;        // HUP
        std::function<void()> reopen;        // USR1
        std::function<void()> every_second;  // once for each second in run()
    };

    // Blocks TERM, INT, HUP and USR1. Make it before any thread, so that all threads inherit the
    // mask and only the loop gets the signals. Throws std::system_error if the kernel has no
    // descriptor left.
    Loop();

    // Calls handlers until TERM or INT. These come first if several signals are pending.
    void run(const Handlers& handlers);

  private:
    void watch(const Descriptor& source);
    void start_timer();
    bool take_signals(const Handlers& handlers);  // false: stop
    void take_seconds(const Handlers& handlers);

    Descriptor epoll_;
    Descriptor signals_;
    Descriptor timer_;
};

}  // namespace minerwall::daemon

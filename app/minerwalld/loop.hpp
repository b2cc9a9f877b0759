// The main thread's loop: an epoll over file descriptors with a callback each. The loop itself has
// a signalfd and a timerfd. Main thread only.
#pragma once

#include <deque>
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

    // Takes over TERM, INT, HUP and USR1. Make it before any thread, so that all threads inherit
    // the mask and only the loop gets the signals. Throws std::system_error if the kernel has no
    // descriptor left.
    Loop();

    // Calls `ready` in run() while `fd` has something to read. Of several that are ready, the one
    // watched first comes first, and signals come before all. `fd` stays open in run().
    void watch(int fd, std::function<void()> ready);

    // In a callback of run(): run() returns after it.
    void stop() noexcept { stopped_ = true; }

    // Calls handlers until TERM, INT or stop(). These come first if several signals are pending,
    // and nothing is called after them.
    void run(const Handlers& handlers);

  private:
    void start_timer();
    void take_signals();
    void take_seconds();

    Descriptor epoll_;
    Descriptor signals_;
    Descriptor timer_;
    std::deque<std::function<void()>> ready_;  // in the order of watch(); a callback may watch more
    const Handlers* handlers_ = nullptr;       // in run()
    bool stopped_ = false;
};

}  // namespace minerwall::daemon

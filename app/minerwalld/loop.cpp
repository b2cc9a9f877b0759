#include "minerwalld/loop.hpp"

#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <span>
#include <system_error>

namespace minerwall::daemon {
namespace {

constexpr std::array kSignals{SIGTERM, SIGINT, SIGHUP, SIGUSR1};

void require(int result, const char* what) {
    if (result < 0) {
        throw std::system_error(errno, std::generic_category(), what);
    }
}

int block_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : kSignals) {
        sigaddset(&signals, signal);
    }
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

}  // namespace

Descriptor::Descriptor(int fd, const char* what) : fd_(fd) {
    require(fd, what);
}

Descriptor::~Descriptor() {
    close(fd_);
}

Loop::Loop()
    : epoll_(epoll_create1(EPOLL_CLOEXEC), "epoll_create1"),
      signals_(block_signals(), "signalfd"),
      timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "timerfd_create") {
    watch(signals_);
    watch(timer_);
}

void Loop::watch(const Descriptor& source) {
    epoll_event interest{};
    interest.events = EPOLLIN;
    interest.data.fd = source.get();
    require(epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, source.get(), &interest), "epoll_ctl");
}

void Loop::start_timer() {
    const itimerspec second{.it_interval = {1, 0}, .it_value = {1, 0}};
    require(timerfd_settime(timer_.get(), 0, &second, nullptr), "timerfd_settime");
}

void Loop::run(const Handlers& handlers) {
    start_timer();
    for (;;) {
        std::array<epoll_event, 2> ready;
        const int n = epoll_wait(epoll_.get(), ready.data(), ready.size(), -1);
        if (n < 0 && errno == EINTR) {  // a debugger, or STOP and CONT
            continue;
        }
        require(n, "epoll_wait");
        bool timer = false;
        for (const epoll_event& event : std::span(ready.data(), static_cast<std::size_t>(n))) {
            if (event.data.fd == timer_.get()) {
                timer = true;
            } else if (!take_signals(handlers)) {
                return;
            }
        }
        if (timer) {
            take_seconds(handlers);
        }
    }
}

bool Loop::take_signals(const Handlers& handlers) {
    // Each signal is pending once at most, so one read takes all.
    std::array<signalfd_siginfo, kSignals.size()> waiting;
    const ssize_t bytes = read(signals_.get(), waiting.data(), sizeof waiting);
    const std::size_t n = bytes > 0 ? static_cast<std::size_t>(bytes) / sizeof waiting[0] : 0;
    const auto has = [&](std::uint32_t signal) {
        return std::any_of(waiting.begin(), waiting.begin() + n,
                           [&](const auto& one) { return one.ssi_signo == signal; });
    };
    if (has(SIGTERM) || has(SIGINT)) {
        return false;
    }
    if (has(SIGHUP)) {
        handlers.reload();
    }
    if (has(SIGUSR1)) {
        handlers.reopen();
    }
    return true;
}

void Loop::take_seconds(const Handlers& handlers) {
    std::uint64_t passed = 0;
    if (read(timer_.get(), &passed, sizeof passed) != sizeof passed) {
        return;
    }
    for (; passed != 0; --passed) {
        handlers.every_second();
    }
}

}  // namespace minerwall::daemon

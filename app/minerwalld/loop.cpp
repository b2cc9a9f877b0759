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
#include <utility>

#include "minerwalld/signals.hpp"

namespace minerwall::daemon {
namespace {

constexpr std::size_t kSignals = 4;  // of take_over_signals()

void require(int result, const char* what) {
    if (result < 0) {
        throw std::system_error(errno, std::generic_category(), what);
    }
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
      signals_(take_over_signals(), "signalfd"),
      timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "timerfd_create") {
    watch(signals_.get(), [this] { take_signals(); });
    watch(timer_.get(), [this] { take_seconds(); });
}

void Loop::watch(int fd, std::function<void()> ready) {
    epoll_event interest{};
    interest.events = EPOLLIN;
    interest.data.u64 = ready_.size();
    ready_.push_back(std::move(ready));
    require(epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &interest), "epoll_ctl");
}

void Loop::start_timer() {
    const itimerspec second{.it_interval = {1, 0}, .it_value = {1, 0}};
    require(timerfd_settime(timer_.get(), 0, &second, nullptr), "timerfd_settime");
}

void Loop::run(const Handlers& handlers) {
    handlers_ = &handlers;
    stopped_ = false;
    start_timer();
    while (!stopped_) {
        std::array<epoll_event, 16> events;
        const int n = epoll_wait(epoll_.get(), events.data(), events.size(), -1);
        if (n < 0 && errno == EINTR) {  // a debugger, or STOP and CONT
            continue;
        }
        require(n, "epoll_wait");
        const std::span happened(events.data(), static_cast<std::size_t>(n));
        std::sort(happened.begin(), happened.end(),
                  [](const auto& a, const auto& b) { return a.data.u64 < b.data.u64; });
        for (const epoll_event& event : happened) {
            ready_[event.data.u64]();
            if (stopped_) {
                break;
            }
        }
    }
    handlers_ = nullptr;
}

void Loop::take_signals() {
    // Each signal is pending once at most, so one read takes all.
    std::array<signalfd_siginfo, kSignals> waiting;
    const ssize_t bytes = read(signals_.get(), waiting.data(), sizeof waiting);
    const std::size_t n = bytes > 0 ? static_cast<std::size_t>(bytes) / sizeof waiting[0] : 0;
    const auto has = [&](std::uint32_t signal) {
        return std::any_of(waiting.begin(), waiting.begin() + n,
                           [&](const auto& one) { return one.ssi_signo == signal; });
    };
    if (has(SIGTERM) || has(SIGINT)) {
        stopped_ = true;
        return;
    }
    if (has(SIGHUP)) {
        handlers_->reload();
    }
    if (has(SIGUSR1)) {
        handlers_->reopen();
    }
}

void Loop::take_seconds() {
    std::uint64_t passed = 0;
    if (read(timer_.get(), &passed, sizeof passed) != sizeof passed) {
        return;
    }
    for (; passed != 0 && !stopped_; --passed) {
        handlers_->every_second();
    }
}

}  // namespace minerwall::daemon

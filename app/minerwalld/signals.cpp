#include "minerwalld/signals.hpp"

#include <sys/signalfd.h>

#include <csignal>
#include <initializer_list>

namespace minerwall::daemon {
namespace {

sigset_t block(std::initializer_list<int> signals) noexcept {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : signals) {
        sigaddset(&set, signal);
    }
    sigprocmask(SIG_BLOCK, &set, nullptr);
    return set;
}

}  // namespace

void hold_requests() noexcept {
    block({SIGHUP, SIGUSR1});
}

int take_over_signals() noexcept {
    const sigset_t all = block({SIGTERM, SIGINT, SIGHUP, SIGUSR1});
    return signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
}

}  // namespace minerwall::daemon

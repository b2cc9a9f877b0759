// What systemd, or another supervisor, is told (sd_notify(3)).
//
// A thread of its own sends it, because a supervisor that does not read its socket keeps the sender
// waiting. Any thread; no call waits.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

namespace minerwall::daemon {

// Nothing happens without NOTIFY_SOCKET. Messages arrive in the order of the calls; beyond 64 that
// wait, they are lost.
void tell_supervisor(std::string message);

template <typename... Args>
void tell_supervisor(fmt::format_string<Args...> text,
                     Args&&... args) requires(sizeof...(Args) > 0) {
    tell_supervisor(fmt::format(text, std::forward<Args>(args)...));
}

// The watchdog's heartbeat. While other messages wait it is left out.
void feed_watchdog();

}  // namespace minerwall::daemon

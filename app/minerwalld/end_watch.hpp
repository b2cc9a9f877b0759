// Watches the ends of the wires: what became of their interfaces and devices. Says it in the log,
// as an event and to systemd, lets an end be taken again, and tells when only a restart helps.
//
// Main thread.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "machine/link_news.hpp"
#include "minerwalld/devices.hpp"
#include "minerwalld/event_output.hpp"
#include "minerwalld/log.hpp"

namespace minerwall::daemon {

class EndWatch {
  public:
    using Clock = std::chrono::steady_clock;
    // No wire had both ends for so long: give up. Shorter than systemd's patience with a silent
    // watchdog, so that the daemon ends in order.
    static constexpr std::chrono::seconds kPatience{20};

    // All of them outlive this object.
    EndWatch(Devices& devices, const machine::Config& config, EventOutput& events, const Log& log);

    // Readable when the kernel reports a change of interfaces: then call take_news(). -1: it does
    // not report them.
    int news() const noexcept { return news_.descriptor(); }
    void take_news();
    void every_second();

    // Some wire has both ends, so the daemon does something that a restart would interrupt.
    bool some_wire_whole() const noexcept { return whole_; }
    // No wire has both ends, and it does not help to wait any longer.
    bool hopeless() const noexcept { return hopeless_; }

  private:
    void look();
    void look_at(std::size_t port, Clock::time_point now);
    void judge(Clock::time_point now);

    Devices& devices_;
    const machine::Config& config_;
    EventOutput& events_;
    const Log& log_;
    machine::LinkNews news_;
    unsigned looks_ = 0;  // for news, this second
    Clock::time_point whole_at_;
    bool whole_ = true;
    bool hopeless_ = false;
    std::string status_;  // what systemd was told
};

}  // namespace minerwall::daemon

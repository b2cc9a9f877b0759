#include "minerwalld/end_watch.hpp"

#include <algorithm>
#include <utility>

#include "minerwalld/supervisor.hpp"
#include "minerwalld/wall_clock.hpp"

namespace minerwall::daemon {
namespace {

// A program that changes interfaces all the time must not fill the log or take our processor.
constexpr unsigned kMostLooks = 10;  // for news, in a second

}  // namespace

EndWatch::EndWatch(Devices& devices, const machine::Config& config, EventOutput& events,
                   const Log& log)
    : devices_(devices), config_(config), events_(events), log_(log), whole_at_(Clock::now()) {
    if (news_.descriptor() < 0) {
        log.warning("the kernel does not report changes of interfaces: looking every second");
    }
}

void EndWatch::take_news() {
    news_.take();
    if (++looks_ <= kMostLooks) {
        look();
    }
}

void EndWatch::every_second() {
    looks_ = 0;
    look();
}

void EndWatch::look() {
    const Clock::time_point now = Clock::now();
    for (std::size_t port = 0; port < devices_.port_count(); ++port) {
        look_at(port, now);
    }
    judge(now);
}

void EndWatch::look_at(std::size_t port, Clock::time_point now) {
    const machine::EndState was = devices_.state(port);
    machine::EndNotes notes;
    devices_.look(port, now, notes);
    if (notes.empty()) {
        return;
    }
    const std::string name = devices_.port_names()[port];
    std::string message;
    for (const machine::EndNote& note : notes) {
        if (note.warning) {
            log_.warning("wire end {}: {}", name, note.text);
        } else {
            log_.info("wire end {}: {}", name, note.text);
        }
        message += (message.empty() ? "" : "; ") + note.text;
    }
    events_.write_end_change({wall_now(), name, config_.wires[port / 2].name,
                              std::string(to_text(devices_.state(port))), std::string(to_text(was)),
                              std::move(message)});
}

void EndWatch::judge(Clock::time_point now) {
    whole_ = false;
    bool mendable = true;  // each wire without another start
    std::string lost;
    for (std::size_t port = 0; port < devices_.port_count(); port += 2) {
        bool both = true;
        for (const std::size_t end : {port, port + 1}) {
            if (const machine::EndState state = devices_.state(end); !alive(state)) {
                both = false;
                mendable = mendable && devices_.can_be_taken_again(end);
                lost += fmt::format("{}wire end {} is {}", lost.empty() ? "" : ", ",
                                    devices_.port_names()[end], to_text(state));
            }
        }
        whole_ = whole_ || both;
    }
    if (whole_) {
        whole_at_ = now;
    }
    hopeless_ = !whole_ && (!mendable || now - whole_at_ >= kPatience);
    if (lost != status_) {
        tell_supervisor("STATUS={}", lost.empty() ? "forwarding" : lost);
        status_ = std::move(lost);
    }
}

}  // namespace minerwall::daemon

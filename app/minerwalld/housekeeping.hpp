// What the daemon does every second besides forwarding: the clock of the events, the list of
// learned addresses, heartbeats of the workers, statistics. Main thread only.
#pragma once

#include <cstdint>
#include <vector>

#include "minerwalld/appliance.hpp"
#include "minerwalld/aside.hpp"
#include "minerwalld/log.hpp"

namespace minerwall::daemon {

// `stats` looks into the vectors.
struct StatsRecord {
    std::vector<const WorkerCounters*> workers;
    std::vector<std::string> port_names;
    std::vector<output::DeviceLosses> devices;
    output::Stats stats;
};

class Housekeeping {
  public:
    // `events`, `log` and what `appliance` names outlive this object. clock: that of the launched
    // workers.
    Housekeeping(const Appliance& appliance, EventOutput& events, const path::Worker::Clock& clock,
                 const Log& log);

    // forwarding: the ends let the workers do something useful, see EndWatch.
    void every_second(bool forwarding);
    StatsRecord record() const;  // all counters now
    // False: a disk does not go on, and a thread of ours uses the workers' tables still.
    bool finish() { return learned_writer_.wait(std::chrono::seconds(1)); }

  private:
    void list_learned();
    void tell_losses(bool forwarding);
    void watch(bool forwarding);

    const Appliance appliance_;
    EventOutput& events_;
    const path::Worker::Clock clock_;
    const Log& log_;
    std::uint64_t seconds_ = 0;
    std::uint64_t learned_state_ = 0;  // of the list that was written last
    bool listed_ = false;
    std::uint64_t lost_ = 0;       // by devices; what systemd was told
    std::uint64_t lost_said_ = 0;  // what the log said
    Aside learned_writer_{"mw-learned"};
    std::vector<std::uint64_t> heartbeats_;  // by worker, a second ago
};

}  // namespace minerwall::daemon

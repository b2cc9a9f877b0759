#include "minerwalld/housekeeping.hpp"

#include <rte_cycles.h>

#include "minerwalld/device_losses.hpp"
#include "minerwalld/learned_file.hpp"
#include "minerwalld/supervisor.hpp"
#include "minerwalld/wall_clock.hpp"

namespace minerwall::daemon {
namespace {

constexpr std::uint64_t kStatsSeconds = 60;

}  // namespace

Housekeeping::Housekeeping(const Appliance& appliance, EventOutput& events,
                           const path::Worker::Clock& clock, const Log& log)
    : appliance_(appliance),
      events_(events),
      clock_(clock),
      log_(log),
      heartbeats_(appliance.workers.count(), 0) {}

void Housekeeping::every_second(bool forwarding) {
    ++seconds_;
    log_.settle();
    // The TSC and the system's clock drift apart; events carry the system's time.
    events_.set_clock_offset(static_cast<std::int64_t>(wall_now()) -
                             static_cast<std::int64_t>(clock_.at(rte_rdtsc())));
    list_learned();
    watch(forwarding);
    tell_losses(forwarding);
    if (seconds_ % kStatsSeconds == 0) {
        events_.write_stats(record().stats);
    }
}

// Write the file again only if an entry was learned or expired, and on a thread of its own, because
// a disk may be slow.
void Housekeeping::list_learned() {
    const machine::Config& config = appliance_.config;
    if (config.learning.file == "none") {
        return;
    }
    std::uint64_t state = 0;
    for (const WorkerCounters* counters : appliance_.workers.all_counters()) {
        state += (counters->learned_total.get() << 32) + counters->learned_addresses.get();
    }
    if (state == learned_state_ && listed_) {
        return;
    }
    if (learned_writer_.start([&file = config.learning.file, &log = log_,
                               tables = appliance_.workers.all_learned(),
                               now = clock_.at(rte_rdtsc()), wall = wall_now()] {
            if (const std::string error = write_learned(file, tables, now, wall); !error.empty()) {
                log.error("learned addresses: {}", error);
            }
        })) {
        learned_state_ = state;
        listed_ = true;
    }
}

// What devices lost is in no ledger, so it is told: to systemd at once, to the log once a minute.
void Housekeeping::tell_losses(bool forwarding) {
    std::uint64_t lost = 0;
    for (const output::DeviceLosses& of_port : device_losses(appliance_.devices)) {
        lost += of_port.missed;
    }
    if (forwarding && lost != lost_) {
        lost_ = lost;
        tell_supervisor("STATUS=forwarding, policy version {}, {} packets missed by devices",
                        appliance_.store.current()->epoch(), lost);
    }
    if (seconds_ % kStatsSeconds == 0 && lost != lost_said_) {
        log_.warning("devices missed {} packets in the last minute: the workers are too slow",
                     lost - lost_said_);
        lost_said_ = lost;
    }
}

// systemd gets its heartbeat only while all workers turn, between the ends of some wire.
void Housekeeping::watch(bool forwarding) {
    bool alive = forwarding;
    for (std::size_t w = 0; w < heartbeats_.size(); ++w) {
        const std::uint64_t beat = appliance_.workers.counters(w).heartbeat.get();
        if (beat == heartbeats_[w]) {
            alive = false;
            log_.warning("worker {} has not turned for a second", w);
        }
        heartbeats_[w] = beat;
    }
    if (alive) {
        feed_watchdog();
    }
}

StatsRecord Housekeeping::record() const {
    StatsRecord record{appliance_.workers.all_counters(),
                       appliance_.devices.port_names(),
                       device_losses(appliance_.devices),
                       {}};
    output::Stats& stats = record.stats;
    stats.workers = record.workers;
    stats.port_names = record.port_names;
    stats.devices = record.devices;
    stats.time = wall_now();
    stats.uptime = (stats.time - clock_.wall) / kNanosPerSecond;
    stats.policy_version = appliance_.store.current()->epoch();
    return record;
}

}  // namespace minerwall::daemon

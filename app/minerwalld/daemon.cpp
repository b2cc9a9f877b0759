#include "minerwalld/daemon.hpp"

#include "event/ledger.hpp"
#include "exit_code.hpp"
#include "minerwalld/device_losses.hpp"
#include "minerwalld/monitoring.hpp"
#include "minerwalld/supervisor.hpp"

namespace minerwall::daemon {

Daemon::Daemon(machine::Config config, const Log& log)
    : log_(log),
      config_(std::move(config)),
      store_(config_.workers.count),
      policy_(store_, config_, log),
      events_(config_) {}

Daemon::~Daemon() {
    stop();
    exposer_.stop();  // if start() failed halfway
}

bool Daemon::start_metrics(const Appliance& appliance) {
    if (!config_.metrics.enabled) {
        return true;
    }
    metrics::ExposerOptions options;
    options.listen = config_.metrics.listen;
    const std::string error = exposer_.start(options, metrics_source(appliance, policy_));
    if (!error.empty()) {
        log_.error("metrics: {}", error);
    }
    return error.empty();
}

int Daemon::start(std::unique_ptr<policy::Ruleset> ruleset) {
    devices_ = Devices::open(config_, log_);
    if (devices_ == nullptr) {
        return kExitFailed;
    }
    policy_.publish(std::move(ruleset));
    workers_.emplace(config_, *devices_, store_);
    const Appliance appliance{config_, store_, *devices_, *workers_, events_};
    if (!events_.start(workers_->rings(), devices_->port_names(), log_) ||
        !start_metrics(appliance)) {
        return kExitFailed;
    }
    forwarding_.emplace(*workers_, events_);
    forwarding_->launch();
    ends_.emplace(*devices_, config_, events_, log_);
    housekeeping_.emplace(appliance, events_, forwarding_->clock(), log_);
    tell_ready();
    return kExitOk;
}

void Daemon::tell_ready() const {
    const std::size_t workers = workers_->count();
    const policy::Ruleset& rules = *store_.current();
    for (const machine::WireConfig& wire : config_.wires) {
        log_.info("wire {}: {} <-> {}", wire.name, wire.ends[0].name, wire.ends[1].name);
    }
    log_.info(
        "{} worker{}, {}, flows: {} each{}", workers, workers == 1 ? "" : "s",
        devices_->uses_hugepages() ? "hugepages" : "no hugepages",
        workers_->counters(0).flow_table_capacity.get(),
        workers_->rehash() ? ", hand-over between workers (no symmetric RSS on some end)" : "");
    log_.info("policy {} (version {}): {} rules, {} list entries, mode {}", config_.policy,
              rules.epoch(), rules.rule_count(), rules.entry_count(),
              rules.observe() ? "observe" : "enforce");
    log_.info("events to {}, metrics {}",
              config_.events.file == "-" ? "standard output" : config_.events.file,
              config_.metrics.enabled ? "on http://" + config_.metrics.listen + "/metrics"
                                      : std::string("off"));
    log_.info("ready");
    tell_supervisor("READY=1\nSTATUS=forwarding, policy version {}", rules.epoch());
}

int Daemon::run(Loop& loop) {
    const auto judge_ends = [&] {
        if (ends_->hopeless()) {
            loop.stop();
        }
    };
    loop.watch(policy_.loaded(), [this] { policy_.finish_reload(); });
    if (ends_->news() >= 0) {
        loop.watch(ends_->news(), [&] {
            ends_->take_news();
            judge_ends();
        });
    }
    loop.run({.reload = [this] { policy_.reload(); },
              .reopen = [this] { events_.reopen(log_); },
              .every_second =
                  [&] {
                      ends_->every_second();
                      housekeeping_->every_second(ends_->some_wire_whole());
                      judge_ends();
                  }});
    if (!ends_->hopeless()) {
        return kExitOk;
    }
    log_.error("no wire has both ends: giving up, so that another start can take them");
    return kExitEndLost;
}

void Daemon::stop() {
    if (!forwarding_ || !forwarding_->running()) {
        return;
    }
    tell_supervisor("STOPPING=1\nSTATUS=stopping");
    // Stop it first, while the wire still forwards: its server takes up to two seconds to end.
    exposer_.stop();
    forwarding_->stop();
    // Without it, start() failed halfway.
    stuck_ = !events_.finish(housekeeping_ ? housekeeping_->record().stats : output::Stats{});
    if (housekeeping_ && !housekeeping_->finish()) {
        stuck_ = true;
        log_.error("learned addresses: the disk does not go on");
    }
    if (stuck_) {
        log_.error("events: disk or reader does not go on: what it did not take is lost");
    }
}

bool Daemon::ledger_balanced() const {
    return event::read_ledger(workers_->all_counters(), devices_->port_count()).balanced();
}

std::string Daemon::ledger_text() const {
    const std::vector<std::string> ports = devices_->port_names();
    return losses_text(ports, device_losses(*devices_)) +
           event::ledger_text(workers_->all_counters(), ports);
}

}  // namespace minerwall::daemon

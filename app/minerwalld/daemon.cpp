#include "minerwalld/daemon.hpp"

#include <systemd/sd-daemon.h>

#include "event/ledger.hpp"
#include "exit_code.hpp"
#include "minerwalld/assembly.hpp"
#include "minerwalld/monitoring.hpp"

namespace minerwall::daemon {

Daemon::Daemon(machine::Config config, const Log& log)
    : log_(log),
      appliance_(std::move(config)),
      policy_(appliance_.store, appliance_.config, log),
      forwarding_(appliance_) {}

Daemon::~Daemon() {
    stop();
    exposer_.stop();  // if start() failed halfway
}

bool Daemon::start_metrics() {
    if (!appliance_.config.metrics.enabled) {
        return true;
    }
    metrics::ExposerOptions options;
    options.listen = appliance_.config.metrics.listen;
    const std::string error = exposer_.start(options, metrics_source(appliance_, policy_));
    if (!error.empty()) {
        log_.error("metrics: {}", error);
    }
    return error.empty();
}

int Daemon::start(std::unique_ptr<policy::Ruleset> ruleset) {
    if (!open_devices(appliance_, log_)) {
        return kExitFailed;
    }
    policy_.publish(std::move(ruleset));
    make_workers(appliance_);
    if (!start_events(appliance_, log_) || !start_metrics()) {
        return kExitFailed;
    }
    forwarding_.launch();
    housekeeping_.emplace(appliance_, forwarding_.clock(), log_);
    tell_ready();
    return kExitOk;
}

void Daemon::tell_ready() const {
    const machine::Config& config = appliance_.config;
    const auto& workers = appliance_.workers;
    const policy::Ruleset& rules = *appliance_.store.current();
    for (const machine::WireConfig& wire : config.wires) {
        log_.info("wire {}: {} <-> {}", wire.name, wire.ends[0].name, wire.ends[1].name);
    }
    log_.info("{} worker{}, {}, flows: {} each{}", workers.size(), workers.size() == 1 ? "" : "s",
              appliance_.eal->uses_hugepages() ? "hugepages" : "no hugepages",
              appliance_.counters[0]->flow_table_capacity.get(),
              workers[0]->context().handover.needed
                  ? ", hand-over between workers (no symmetric RSS on some end)"
                  : "");
    log_.info("policy {} (version {}): {} rules, {} list entries, mode {}", config.policy,
              rules.epoch(), rules.rule_count(), rules.entry_count(),
              rules.observe() ? "observe" : "enforce");
    log_.info("events to {}, metrics {}",
              config.events.file == "-" ? "standard output" : config.events.file,
              config.metrics.enabled ? "on http://" + config.metrics.listen + "/metrics"
                                     : std::string("off"));
    log_.info("ready");
    sd_notifyf(0, "READY=1\nSTATUS=forwarding, policy version %u", rules.epoch());
}

void Daemon::run(Loop& loop) {
    loop.run({.reload = [this] { policy_.reload(); },
              .reopen = [this] { housekeeping_->reopen_events(); },
              .every_second = [this] { housekeeping_->every_second(); }});
}

void Daemon::stop() {
    if (!forwarding_.running()) {
        return;
    }
    sd_notify(0, "STOPPING=1\nSTATUS=stopping");
    // Stop it first, while the wire still forwards: its server takes up to two seconds to end.
    exposer_.stop();
    forwarding_.stop();
    if (appliance_.writer != nullptr) {
        appliance_.writer->stop();
        housekeeping_->write_stats();
        for (const auto& consumer : appliance_.consumers) {
            consumer->close();
        }
    }
}

bool Daemon::ledger_balanced() const {
    return event::read_ledger(appliance_.all_counters(), appliance_.ports.size()).balanced();
}

std::string Daemon::ledger_text() const {
    return event::ledger_text(appliance_.all_counters(), appliance_.port_names());
}

}  // namespace minerwall::daemon

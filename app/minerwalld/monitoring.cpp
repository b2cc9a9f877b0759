// What a scrape reads of the running daemon. The callbacks run on the exposer's threads: they only
// read atomics, or what a mutex of its own guards.
#include <hs.h>
#include <rte_cycles.h>
#include <rte_version.h>

#include "minerwalld/daemon.hpp"

namespace minerwall::daemon {

metrics::Source Daemon::metrics_source() {
    metrics::Source source;
    source.workers = counters();
    source.port_names = port_names();
    for (const machine::WireConfig& wire : config_.wires) {
        source.wire_names.push_back(wire.name);
        source.wire_names.push_back(wire.name);
    }
    source.build = {MINERWALL_VERSION, rte_version(), hs_version()};
    source.start_time = static_cast<double>(wall_now()) / 1e9;
    source.cycles_per_second = static_cast<double>(rte_get_tsc_hz());
    source.rules = [this] {
        const std::lock_guard lock(told_);
        return rule_slots_;
    };
    source.policy = [this] {
        const std::lock_guard lock(told_);
        return policy_state_;
    };
    source.reloads = [this] {
        return metrics::Reloads{reloads_ok_.load(), reloads_failed_.load()};
    };
    source.mempools = [this] {
        std::vector<metrics::Level> out;
        for (const machine::PoolLevel& level : pools_->levels()) {
            out.push_back({level.name, level.in_use, level.size});
        }
        return out;
    };
    source.event_rings = [this] {
        std::vector<metrics::Level> out;
        for (std::size_t w = 0; w < rings_.size(); ++w) {
            out.push_back({std::to_string(w), rings_[w]->level(), rings_[w]->capacity()});
        }
        return out;
    };
    source.devices = [this] {
        std::vector<metrics::Device> out;
        for (const auto& port : ports_) {
            const machine::PortStats stats = port->stats();
            const machine::LinkStatus link = port->link();
            out.push_back({stats.rx_missed, stats.rx_errors, stats.rx_no_mbuf, link.up,
                           static_cast<double>(link.speed_mbps) * 1e6 / 8});
        }
        return out;
    };
    source.event_log = [this] {
        if (sink_ == nullptr) {
            return metrics::EventLog{};
        }
        return metrics::EventLog{sink_->lines_written(), sink_->lines_lost(),
                                 sink_->write_errors()};
    };
    return source;
}

}  // namespace minerwall::daemon

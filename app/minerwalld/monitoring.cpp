#include "minerwalld/monitoring.hpp"

#include <hs.h>
#include <rte_cycles.h>
#include <rte_version.h>

namespace minerwall::daemon {

metrics::Source metrics_source(const Appliance& appliance, const PolicyControl& policy) {
    metrics::Source source;
    source.workers = appliance.all_counters();
    source.port_names = appliance.port_names();
    for (const machine::WireConfig& wire : appliance.config.wires) {
        source.wire_names.push_back(wire.name);
        source.wire_names.push_back(wire.name);
    }
    source.build = {MINERWALL_VERSION, rte_version(), hs_version()};
    source.start_time = static_cast<double>(wall_now()) / 1e9;
    source.cycles_per_second = static_cast<double>(rte_get_tsc_hz());
    source.rules = [&policy] { return policy.rule_slots(); };
    source.policy = [&policy] { return policy.state(); };
    source.reloads = [&policy] { return policy.reloads(); };
    source.mempools = [&appliance] {
        std::vector<metrics::Level> out;
        for (const machine::PoolLevel& level : appliance.pools->levels()) {
            out.push_back({level.name, level.in_use, level.size});
        }
        return out;
    };
    source.event_rings = [&appliance] {
        std::vector<metrics::Level> out;
        for (std::size_t w = 0; w < appliance.rings.size(); ++w) {
            out.push_back(
                {std::to_string(w), appliance.rings[w]->level(), appliance.rings[w]->capacity()});
        }
        return out;
    };
    source.devices = [&appliance] {
        std::vector<metrics::Device> out;
        for (const auto& port : appliance.ports) {
            const machine::PortStats stats = port->stats();
            const machine::LinkStatus link = port->link();
            out.push_back({stats.rx_missed, stats.rx_errors, stats.rx_no_mbuf, link.up,
                           static_cast<double>(link.speed_mbps) * 1e6 / 8});
        }
        return out;
    };
    source.event_log = [&appliance] {
        if (appliance.writer == nullptr) {
            return metrics::EventLog{};
        }
        const output::Counts counts = appliance.writer->counts();
        return metrics::EventLog{counts.written, counts.lost, counts.errors};
    };
    return source;
}

}  // namespace minerwall::daemon

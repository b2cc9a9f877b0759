#include "minerwalld/monitoring.hpp"

#include <hs.h>
#include <rte_cycles.h>
#include <rte_version.h>

#include "minerwalld/wall_clock.hpp"

namespace minerwall::daemon {

metrics::Source metrics_source(const Appliance& appliance, const PolicyControl& policy) {
    metrics::Source source;
    source.workers = appliance.workers.all_counters();
    source.port_names = appliance.devices.port_names();
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
    source.mempools = [&devices = appliance.devices] {
        std::vector<metrics::Level> out;
        for (const machine::PoolLevel& level : devices.pools().levels()) {
            out.push_back({level.name, level.in_use, level.size});
        }
        return out;
    };
    source.event_rings = [&workers = appliance.workers] {
        std::vector<metrics::Level> out;
        for (std::size_t w = 0; w < workers.count(); ++w) {
            const event::Ring& ring = workers.ring(w);
            out.push_back({std::to_string(w), ring.level(), ring.capacity()});
        }
        return out;
    };
    source.devices = [&devices = appliance.devices] {
        std::vector<metrics::Device> out;
        for (std::size_t port = 0; port < devices.port_count(); ++port) {
            const machine::PortStats stats = devices.stats(port);
            const machine::LinkStatus link = devices.link(port);
            out.push_back({.missed_packets = stats.rx_missed,
                           .error_packets = stats.rx_errors,
                           .no_buffer = stats.rx_no_mbuf,
                           .link_up = link.up,
                           .up = alive(devices.state(port)),
                           .retaken = devices.times_retaken(port),
                           .bytes_per_second = static_cast<double>(link.speed_mbps) * 1e6 / 8});
        }
        return out;
    };
    source.event_log = [&events = appliance.events] {
        const output::Counts counts = events.counts();
        return metrics::EventLog{counts.written, counts.lost, counts.errors};
    };
    return source;
}

}  // namespace minerwall::daemon

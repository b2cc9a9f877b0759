#include "minerwalld/appliance.hpp"

#include <rte_ring.h>

#include <algorithm>
#include <ctime>

namespace minerwall::daemon {

Appliance::Appliance(machine::Config chosen)
    : config(std::move(chosen)), store(config.workers.count) {}

Appliance::~Appliance() {
    workers.clear();
    tables.reset();
    ports.clear();
    for (rte_ring* ring : handover_rings) {
        rte_ring_free(ring);
    }
    pools.reset();
    eal.reset();
}

std::vector<const WorkerCounters*> Appliance::all_counters() const {
    std::vector<const WorkerCounters*> out;
    for (const auto& one : counters) {
        out.push_back(one.get());
    }
    return out;
}

std::vector<std::string> Appliance::port_names() const {
    std::vector<std::string> out;
    for (const auto& port : ports) {
        out.push_back(port->name());
    }
    return out;
}

bool wants(const machine::Config& config, std::string_view type) {
    const auto& types = config.events.types;
    return config.events.file != "none" &&
           std::find(types.begin(), types.end(), type) != types.end();
}

Nanos wall_now() {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return static_cast<Nanos>(now.tv_sec) * kNanosPerSecond + static_cast<Nanos>(now.tv_nsec);
}

}  // namespace minerwall::daemon

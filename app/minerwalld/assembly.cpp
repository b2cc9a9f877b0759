#include "minerwalld/assembly.hpp"

#include <rte_ring.h>

#include <algorithm>

#include "output/eve/log.hpp"

namespace minerwall::daemon {
namespace {

constexpr unsigned kHandoverSlots = 1024;  // packets between two workers

rte_ring* make_ring(Appliance& appliance, unsigned from, unsigned to) {
    rte_ring* ring = rte_ring_create(fmt::format("handover_{}_{}", from, to).c_str(),
                                     kHandoverSlots, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
    if (ring == nullptr) {
        throw std::bad_alloc();
    }
    appliance.handover_rings.push_back(ring);
    return ring;
}

// Indexed by worker.
std::vector<path::Handover> make_handovers(Appliance& appliance) {
    const unsigned n = appliance.config.workers.count;
    const auto& ports = appliance.ports;
    std::vector<path::Handover> handovers(n);
    const bool needed = n > 1 && std::any_of(ports.begin(), ports.end(),
                                             [](const auto& port) { return port->needs_rehash(); });
    for (path::Handover& handover : handovers) {
        handover.needed = needed;
        for (std::size_t port = 0; n > 1 && !needed && port < ports.size(); port += 2) {
            handover.spread.push_back(&ports[port]->spread());
        }
        handover.to.assign(n, nullptr);
        handover.from.assign(n, nullptr);
    }
    // Needed even if the NICs spread flows: they cannot read fragments, tunnels and IPv6 extension
    // headers.
    for (unsigned from = 0; from < n; ++from) {
        for (unsigned to = 0; to < n; ++to) {
            if (from != to) {
                rte_ring* ring = make_ring(appliance, from, to);
                handovers[from].to[to] = ring;
                handovers[to].from[from] = ring;
            }
        }
    }
    return handovers;
}

// Empty text, or one line that says what failed.
std::string open_eve_log(Appliance& appliance) {
    if (appliance.config.events.file == "none") {
        return {};
    }
    output::EveOptions eve;
    eve.port_names = appliance.port_names();
    output::SinkOptions file;
    file.path = appliance.config.events.file;
    auto log = std::make_unique<output::EveLog>(std::move(eve), std::move(file));
    const std::string error = log->open();
    appliance.consumers.push_back(std::move(log));
    return error;
}

}  // namespace

bool open_devices(Appliance& appliance, const Log& log) {
    std::string error;
    if (auto eal = machine::Eal::start(machine::eal_options(appliance.config), error)) {
        appliance.eal.emplace(std::move(*eal));
    } else {
        log.error("{}", error);
        return false;
    }
    if (!appliance.eal->note().empty()) {
        log.info("{}", appliance.eal->note());
    }
    if (auto pools = machine::Pools::create(machine::pool_options(appliance.config), error)) {
        appliance.pools.emplace(std::move(*pools));
    } else {
        log.error("{}", error);
        return false;
    }
    std::vector<std::string> warnings;
    appliance.ports = machine::open_ports(appliance.config, *appliance.pools, error, warnings);
    for (const std::string& warning : warnings) {
        log.warning("{}", warning);
    }
    if (appliance.ports.empty()) {
        log.error("{}", error);
        return false;
    }
    return true;
}

void make_workers(Appliance& appliance) {
    const unsigned n = appliance.config.workers.count;
    std::vector<path::Handover> handovers = make_handovers(appliance);
    appliance.prefilter = std::make_unique<match::Prefilter>(n);
    path::WorkerOptions options = worker_options(appliance.config);
    appliance.tables = std::make_unique<path::SharedTables>(options);
    const path::PacketPools pools{appliance.pools->crafted(), appliance.pools->reassembled()};
    for (unsigned w = 0; w < n; ++w) {
        options.worker = w;
        std::vector<machine::Queue*> queues;
        for (const auto& port : appliance.ports) {
            queues.push_back(&port->queue(w));
        }
        appliance.counters.push_back(std::make_unique<WorkerCounters>());
        appliance.rings.push_back(std::make_unique<event::Ring>(appliance.config.events.ring));
        appliance.workers.push_back(std::make_unique<path::Worker>(
            options, std::move(queues), appliance.store, *appliance.rings[w], pools,
            *appliance.prefilter, *appliance.tables, std::move(handovers[w]),
            *appliance.counters[w]));
    }
}

bool start_events(Appliance& appliance, const Log& log) {
    if (const std::string error = open_eve_log(appliance); !error.empty()) {
        log.error("events: {}", error);
        return false;
    }
    if (appliance.consumers.empty()) {
        return true;
    }
    std::vector<event::Ring*> rings;
    for (const auto& ring : appliance.rings) {
        rings.push_back(ring.get());
    }
    std::vector<output::Consumer*> consumers;
    for (const auto& consumer : appliance.consumers) {
        consumers.push_back(consumer.get());
    }
    appliance.writer =
        std::make_unique<output::WriterThread>(std::move(rings), std::move(consumers));
    if (const std::string error = appliance.writer->start(); !error.empty()) {
        log.error("events: {}", error);
        return false;
    }
    return true;
}

}  // namespace minerwall::daemon

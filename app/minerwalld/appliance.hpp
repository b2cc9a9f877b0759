// The objects that the daemon consists of, destroyed in the right order.
//
// assembly.hpp makes them. Each class says what other threads may ask.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/counters.hpp"
#include "event/ring.hpp"
#include "machine/config.hpp"
#include "machine/eal.hpp"
#include "machine/pools.hpp"
#include "machine/port.hpp"
#include "match/prefilter.hpp"
#include "output/consumer.hpp"
#include "output/writer_thread.hpp"
#include "path/worker.hpp"
#include "policy/store.hpp"

namespace minerwall::daemon {

struct Appliance {
    explicit Appliance(machine::Config chosen);
    ~Appliance();  // the workers must have stopped
    Appliance(const Appliance&) = delete;
    Appliance& operator=(const Appliance&) = delete;

    std::vector<const WorkerCounters*> all_counters() const;  // by worker
    std::vector<std::string> port_names() const;              // by port

    const machine::Config config;
    std::optional<machine::Eal> eal;
    std::optional<machine::Pools> pools;
    std::vector<std::unique_ptr<machine::Port>> ports;
    std::vector<rte_ring*> handover_rings;
    policy::Store store;
    std::unique_ptr<match::Prefilter> prefilter;
    std::vector<std::unique_ptr<WorkerCounters>> counters;     // by worker
    std::vector<std::unique_ptr<event::Ring>> rings;           // by worker
    std::vector<std::unique_ptr<output::Consumer>> consumers;  // of events
    std::unique_ptr<output::WriterThread> writer;              // null: there are no consumers
    std::unique_ptr<path::SharedTables> tables;
    std::vector<std::unique_ptr<path::Worker>> workers;
};

// The configuration asks for events of this type.
bool wants(const machine::Config& config, std::string_view type);

// Nanoseconds since the epoch by the system's clock.
Nanos wall_now();

}  // namespace minerwall::daemon

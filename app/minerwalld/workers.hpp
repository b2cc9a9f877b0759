// The workers, with their counters, their event rings, and the rings and tables between them.
//
// The main thread makes them before traffic flows. Any thread may call the const functions.
#pragma once

#include <memory>
#include <vector>

#include "base/counters.hpp"
#include "event/ring.hpp"
#include "match/prefilter.hpp"
#include "minerwalld/devices.hpp"
#include "path/worker.hpp"
#include "policy/store.hpp"

struct rte_ring;

namespace minerwall::daemon {

class Workers {
  public:
    // `devices` and `store` outlive this object. Throws std::bad_alloc if there is no memory.
    Workers(const machine::Config& config, Devices& devices, policy::Store& store);
    ~Workers();  // the workers must have stopped
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    std::size_t count() const { return workers_.size(); }
    // Its functions belong to the thread that runs it.
    path::Worker& at(std::size_t worker) { return *workers_[worker]; }
    // For the one consumer of events, by worker.
    std::vector<event::Ring*> rings();

    bool rehash() const { return workers_[0]->rehashes(); }
    const WorkerCounters& counters(std::size_t worker) const { return *counters_[worker]; }
    std::vector<const WorkerCounters*> all_counters() const;  // by worker
    const event::Ring& ring(std::size_t worker) const { return *rings_[worker]; }
    std::vector<const flow::LearnedTable*> all_learned() const;  // by worker

  private:
    struct FreeRing {
        void operator()(rte_ring* ring) const noexcept;
    };
    rte_ring* make_handover_ring(unsigned from, unsigned to);
    std::vector<path::Handover> make_handovers(unsigned count, const Devices& devices);

    std::vector<std::unique_ptr<rte_ring, FreeRing>> handover_rings_;
    match::Prefilter prefilter_;
    std::vector<std::unique_ptr<WorkerCounters>> counters_;  // by worker
    std::vector<std::unique_ptr<event::Ring>> rings_;        // by worker
    std::unique_ptr<path::SharedTables> tables_;
    std::vector<std::unique_ptr<path::Worker>> workers_;
};

// The options of all workers, except their number. Each call makes a new secret.
path::WorkerOptions worker_options(const machine::Config& config);

}  // namespace minerwall::daemon

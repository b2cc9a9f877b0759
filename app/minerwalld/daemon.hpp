// The appliance: ports, workers, policy, events, metrics, put together and taken apart in order.
//
// Main thread only. start() leaves traffic flowing, run() waits for signals, the destructor stops.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/counters.hpp"
#include "event/ring.hpp"
#include "event/sink.hpp"
#include "event/writer_thread.hpp"
#include "machine/config.hpp"
#include "machine/eal.hpp"
#include "machine/pools.hpp"
#include "machine/port.hpp"
#include "match/prefilter.hpp"
#include "metrics/exposer.hpp"
#include "minerwalld/log.hpp"
#include "path/worker.hpp"
#include "policy/load.hpp"
#include "policy/store.hpp"

namespace minerwall::daemon {

class Daemon {
  public:
    Daemon(machine::Config config, Log& log);
    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    // An exit code; kExitOk: workers are forwarding. Everything wrong has been told by then.
    int start(std::unique_ptr<policy::Ruleset> ruleset);
    // Serves signals until TERM or INT. HUP reloads the policy, USR1 reopens the event file.
    void run();
    // Stops the workers, ends the flows, writes what is left; the ledger is final then.
    void stop();

    bool ledger_balanced() const;
    std::string ledger_text() const;

  private:
    bool open_devices();
    void make_handover(std::vector<path::Handover>& handovers);
    bool make_workers();
    bool start_outputs();
    void launch();
    void reload();
    void note_policy();
    void list_learned();
    void every_second();
    void end_flows();
    void write_stats();
    std::vector<const WorkerCounters*> counters() const;
    std::vector<std::string> port_names() const;
    metrics::Source metrics_source();
    static int worker_main(void* worker);

    machine::Config config_;
    Log& log_;
    std::optional<machine::Eal> eal_;
    std::optional<machine::Pools> pools_;
    std::vector<std::unique_ptr<machine::Port>> ports_;
    std::vector<rte_ring*> handover_rings_;
    policy::Store store_;
    std::unique_ptr<match::Prefilter> prefilter_;
    std::vector<std::unique_ptr<WorkerCounters>> counters_;
    std::vector<std::unique_ptr<event::Ring>> rings_;
    std::unique_ptr<event::Sink> sink_;  // null: events are not written
    std::unique_ptr<event::WriterThread> writer_;
    std::unique_ptr<path::SharedTables> tables_;
    std::vector<std::unique_ptr<path::Worker>> workers_;
    metrics::Exposer exposer_;

    struct Launched {
        path::Worker* worker;
        const std::atomic<bool>* stop;
        path::Worker::Clock clock;
    };
    std::vector<Launched> launched_;
    std::atomic<bool> stop_{false};
    bool running_ = false;
    path::Worker::Clock clock_{};
    Nanos started_at_ = 0;
    std::uint64_t seconds_ = 0;
    std::uint64_t learned_state_ = 0;  // of what was listed last
    std::vector<std::uint64_t> heartbeats_;
    std::atomic<std::uint64_t> reloads_ok_{0}, reloads_failed_{0};

    // What scrapes are told of the policy, copied at every reload: a scraper is no QSBR reader.
    mutable std::mutex told_;
    metrics::PolicyState policy_state_;
    std::vector<metrics::RuleSlot> rule_slots_;
};

// Nanoseconds since the epoch by the system's clock.
Nanos wall_now();

}  // namespace minerwall::daemon

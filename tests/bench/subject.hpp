// The program under test: the appliance's worker with its own policy, flow table and counters.
#pragma once

#include <memory>

#include "bench/loop.hpp"
#include "event/ring.hpp"
#include "match/prefilter.hpp"
#include "path/worker.hpp"
#include "policy/store.hpp"

namespace minerwall::bench {

class Subject {
  public:
    Subject(Loop& loop, const match::Prefilter& prefilter, std::unique_ptr<policy::Ruleset> ruleset,
            const path::WorkerOptions& options);
    ~Subject();
    Subject(const Subject&) = delete;
    Subject& operator=(const Subject&) = delete;

    // Processes a lap that is on the wire; the clock advances by `step` each turn. Collects the
    // packets and discards the events, both outside the measured time.
    Loop::Cycles lap(Nanos step = 1000);
    // Advances the clock past every timeout, until the flow table is empty.
    void end_all_flows();

    const path::Context& context() const noexcept { return worker_->context(); }
    const WorkerCounters& counters() const noexcept { return *counters_; }
    std::uint64_t events() const noexcept { return events_; }
    // Throws unless every packet came out, every flow got an entry and the event ring lost nothing.
    void check_ledger() const;

  private:
    void drop_events() noexcept;

    Loop& loop_;
    std::unique_ptr<WorkerCounters> counters_;
    event::Ring ring_;
    policy::Store store_;
    std::unique_ptr<path::SharedTables> tables_;
    std::unique_ptr<path::Worker> worker_;
    Nanos now_;
    std::uint64_t events_ = 0;
};

}  // namespace minerwall::bench

// What is measured: the appliance's worker with a policy, a flow table and counters of its own.
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

    // One lap that is on the wire; the clock goes on by `step` each turn. What comes out is
    // collected and the events are thrown away, both outside the measured time.
    Loop::Cycles lap(Nanos step = 1000);
    // Until no flow is left, as if the wire were silent for longer than any timeout.
    void end_all_flows();

    path::Context& context() noexcept { return worker_->context(); }
    const WorkerCounters& counters() const noexcept { return *counters_; }
    std::uint64_t events() const noexcept { return events_; }
    // Throws unless every packet that went in came out, all flows found a place and no event was
    // lost.
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

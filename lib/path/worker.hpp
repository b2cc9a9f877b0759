// One worker: it owns queue i of every port and everything that its packets need.
//
// One thread calls turn(), in a loop (run()) or one by one (a replay, a test).
#pragma once

#include <atomic>
#include <vector>

#include "path/context.hpp"

namespace minerwall::path {

class Worker {
  public:
    // Control plane; takes all memory that the worker will ever use. `tables` are those of all
    // workers of the wires, made with the same options.
    Worker(const WorkerOptions& options, Ports ports, policy::Store& store, event::Ring& events,
           const PacketPools& pools, const match::Prefilter& prefilter, SharedTables& tables,
           Handover handover, WorkerCounters& counters);

    // Sets the clock by which flows time out. Before the first turn; run() does it itself.
    void start_clock(Nanos now) noexcept { context_.flows.start_clock(now); }
    // Serves every port once, then the packets that other workers handed over, then flows that
    // timed out. Returns the number of packets. A ruleset must have been published before.
    unsigned turn(Nanos now) noexcept;

    // Calls turn() until `stop`, timed by the TSC, which Clock turns into Nanos.
    struct Clock {
        Nanos wall;  // at `tsc`
        std::uint64_t tsc;
        std::uint64_t tsc_hz;
        Nanos at(std::uint64_t now) const noexcept {
            const std::uint64_t ticks = now - tsc;
            return wall + ticks / tsc_hz * kNanosPerSecond +
                   ticks % tsc_hz * kNanosPerSecond / tsc_hz;
        }
    };
    void run(const std::atomic<bool>& stop, const Clock& clock) noexcept;

    // After the last turn: counts packets in the hand-over rings as dropped, and ends flows.
    void drain_handover() noexcept;
    bool end_flows(std::size_t& cursor, unsigned budget, event::EndReason reason) noexcept;

    // Whether flows are handed over, because some end of a wire cannot keep a flow on one queue.
    bool rehashes() const noexcept { return context_.handover.needed; }
    // For tests and benchmarks, between turns.
    const Context& context() const noexcept { return context_; }

  private:
    void process() noexcept;
    void rest() noexcept;

    Context context_;
    bool may_sleep_ = false;  // it is possible to wait for every end
};

}  // namespace minerwall::path

// What one input of fuzz_path runs on: fresh workers on the wire, so that a run is repeatable, and
// the checks that hold for every input.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "path/worker.hpp"
#include "path_wire.hpp"

namespace minerwall::fuzz {

// The options in an input.
struct RunOptions {
    bool two_workers = false;
    bool starve = false;        // almost no buffers for crafted and reassembled packets
    bool offloaded = false;     // see path::Ports
    bool ends_unknown = false;  // likewise
    path::WorkerOptions worker;
};

// The workers of one input. The destructor checks the end state.
class Run {
  public:
    explicit Run(const RunOptions& options);
    ~Run();
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    // Puts a frame on the wire at an end, for a worker's queue. `cut`: bytes in each of its mbufs,
    // 0: as many as fit. Turns the workers when the ring is full.
    void put(unsigned end, const Frame& frame, unsigned queue = 0, unsigned cut = 0);
    // Runs one turn of each worker.
    void turn();
    void pass_time(Nanos span) { now_ += span; }
    // Leaves frames in the egress rings and events in their ring, so that they fill.
    void stall(bool stalled);
    bool is_stalled() const { return stalled_; }
    void toggle_policy();

    // Returns what left at an end since the last call: forwarded and crafted frames.
    std::vector<Frame> take_out(unsigned end);
    // Whether no resource ran out.
    bool had_room_enough() const;

  private:
    struct Sent {
        Frame bytes;
        unsigned end;
        bool must_pass;  // not an IP packet: policies do not concern it
        bool passed;
    };
    void take_sent();
    void take_one(rte_mbuf* m, unsigned end, unsigned worker);
    void take_events();
    void check_ledger() const;
    void check_end();
    std::uint64_t dropped(Reason reason) const;
    std::uint64_t refused() const;  // drops that no device caused
    std::uint64_t total(Counter WorkerCounters::*counter) const;
    std::uint64_t evicted() const;
    std::uint64_t crafted() const;

    Wire& wire_;
    const unsigned workers_count_;
    Nanos now_ = 1'700'000'000 * kNanosPerSecond;
    bool stalled_ = false;
    std::vector<std::unique_ptr<WorkerCounters>> counters_;
    std::unique_ptr<path::SharedTables> tables_;
    std::vector<std::unique_ptr<path::Worker>> workers_;
    std::vector<rte_mbuf*> withheld_;
    std::vector<Sent> sent_;                 // by serial number
    std::array<std::vector<Frame>, 2> out_;  // by end
    // The serial number of the last frame that left, by ingress end and worker.
    std::array<std::array<std::uint64_t, Wire::kWorkers>, 2> last_serial_{};
    std::array<std::array<unsigned, Wire::kWorkers>, 2> waiting_{};  // in ingress rings
    std::uint64_t flow_lines_ = 0;
};

}  // namespace minerwall::fuzz

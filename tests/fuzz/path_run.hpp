// What one input of fuzz_path runs on: fresh workers on the wire, so that an input always does the
// same, and the checks of all that must hold whatever it sends.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "path/worker.hpp"
#include "path_wire.hpp"

namespace minerwall::fuzz {

// What an input chooses.
struct RunOptions {
    bool two_workers = false;
    bool starve = false;  // hardly any buffers to craft and to reassemble in
    path::WorkerOptions worker;
};

// One input's workers. The destructor checks all that must hold when they are done.
class Run {
  public:
    explicit Run(const RunOptions& options);
    ~Run();
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    // A frame on the wire at an end, for a worker's queue. `cut`: bytes in each mbuf of it, 0: as
    // many as fit. Turns the workers where there is no more room.
    void put(unsigned end, const Frame& frame, unsigned queue = 0, unsigned cut = 0);
    // One turn of each worker.
    void turn();
    void pass_time(Nanos span) { now_ += span; }
    // Frames stay in the egress rings, which fill; events in their ring.
    void stall(bool stalled);
    bool is_stalled() const { return stalled_; }
    void toggle_policy();

    // What left at an end since the last call: forwarded frames and crafted ones.
    std::vector<Frame> take_out(unsigned end);
    // Nothing was given up for want of room.
    bool had_room_enough() const;

  private:
    struct Sent {
        Frame bytes;
        unsigned end;
        bool must_pass;  // no IP packet: nothing that a policy could be about
        bool passed;
    };
    void take_sent();
    void take_one(rte_mbuf* m, unsigned end, unsigned worker);
    void take_events();
    void check_ledger() const;
    void check_end();
    std::uint64_t dropped(Reason reason) const;
    std::uint64_t total(Counter WorkerCounters::*counter) const;
    std::uint64_t crafted() const;

    Wire& wire_;
    const unsigned workers_count_;
    Nanos now_ = 1'700'000'000 * kNanosPerSecond;
    bool stalled_ = false;
    bool enforced_ = false;  // in some turn so far
    std::vector<std::unique_ptr<WorkerCounters>> counters_;
    std::unique_ptr<path::SharedTables> tables_;
    std::vector<std::unique_ptr<path::Worker>> workers_;
    std::vector<rte_mbuf*> withheld_;
    std::vector<Sent> sent_;                 // by serial number
    std::array<std::vector<Frame>, 2> out_;  // by end
    // Of the last frame that left: by ingress end and worker.
    std::array<std::array<std::uint64_t, Wire::kWorkers>, 2> last_serial_{};
    std::array<std::array<unsigned, Wire::kWorkers>, 2> waiting_{};  // in ingress rings
    std::uint64_t flow_lines_ = 0;
};

}  // namespace minerwall::fuzz

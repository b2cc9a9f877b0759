// Runs captures through the appliance's path: the same stages and policy, the capture's clock.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/counters.hpp"
#include "capture/reader.hpp"
#include "capture/writer.hpp"
#include "event/ring.hpp"
#include "machine/eal.hpp"
#include "machine/pools.hpp"
#include "match/prefilter.hpp"
#include "output/drain.hpp"
#include "path/worker.hpp"
#include "policy/store.hpp"
#include "replay/ring_wire.hpp"

namespace minerwall::replay {

// Called now and then with the bytes of a capture that are read; total 0: not known.
using Progress = std::function<void(std::uint64_t read, std::uint64_t total)>;

struct Options {
    std::uint32_t flows = 1u << 20;  // of each capture
    std::uint32_t inspections = 1u << 17;
};

struct CaptureResult {
    bool ok = false;
    std::string error;  // one line
    std::uint64_t packets = 0;
    std::uint64_t cut = 0;        // packets that the capture holds only the beginning of
    std::uint64_t oversized = 0;  // longer than the longest frame: not replayed
    Nanos last = 0;               // time of the last packet
};

class Replay {
  public:
    // Null, with one line in `error`, if it fails. One at a time in a process (it starts EAL).
    static std::unique_ptr<Replay> create(std::unique_ptr<policy::Ruleset> ruleset,
                                          const Options& options, std::string& error);
    ~Replay();

    // Judges one capture by itself: flows and all other state start empty. `capture` is the index
    // that events carry. `out` (may be null) gets every frame that leaves the wire.
    CaptureResult run(const std::string& path, std::uint32_t capture, output::Consumer& events,
                      const Progress& progress, capture::Writer* out);

    const WorkerCounters& counters() const noexcept { return *counters_; }
    const policy::Ruleset& ruleset() const noexcept { return *store_.current(); }

  private:
    explicit Replay(machine::Eal eal) : eal_(std::move(eal)), store_(1), ring_(4096) {}
    rte_mbuf* make_packet(const capture::Packet& packet) noexcept;
    void turn(path::Worker& worker, std::vector<rte_mbuf*>& burst, Nanos now, output::Drain& drain,
              capture::Writer* out);
    void take_sent(Nanos now, capture::Writer* out);

    machine::Eal eal_;  // first in, last out
    std::unique_ptr<machine::Pools> pools_;
    std::unique_ptr<RingWire> wire_;
    Options options_;
    policy::Store store_;
    event::Ring ring_;
    std::unique_ptr<match::Prefilter> prefilter_;
    std::unique_ptr<WorkerCounters> counters_;
    std::vector<std::uint8_t> linear_;
};

}  // namespace minerwall::replay

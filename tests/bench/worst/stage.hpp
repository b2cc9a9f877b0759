// A wire of ring ports on which one packet is measured: the cycles that it takes to come in, to
// pass all stages of a fresh worker, and to leave.
//
// One thread. Errors are std::runtime_error.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "machine/eal.hpp"
#include "machine/pools.hpp"
#include "match/prefilter.hpp"
#include "path/options.hpp"
#include "policy/store.hpp"
#include "replay/ring_wire.hpp"
#include "support/packet_builder.hpp"

namespace minerwall::bench {

struct Sent {
    unsigned end;  // of the wire; hosts live at end 0
    test::Buffer frame;
};

// What is measured: `probes`, after all of `before` has passed.
struct Scene {
    std::vector<Sent> before, probes;
};

class Stage {
  public:
    explicit Stage(const std::string& policy);
    ~Stage();
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;

    // TSC cycles of a probe, the least of `rounds` runs, each on a fresh worker. The packet's copy
    // into a buffer belongs to it, as at a kernel interface.
    double cycles(const Scene& scene, unsigned rounds);
    // Probes of the last scene that were dropped, of each hundred.
    unsigned dropped() const noexcept { return dropped_; }

  private:
    double once(const Scene& scene);

    std::unique_ptr<machine::Eal> eal_;  // starts first and stops last
    std::unique_ptr<machine::Pools> pools_;
    std::unique_ptr<replay::RingWire> wire_;
    std::unique_ptr<match::Prefilter> prefilter_;
    std::unique_ptr<policy::Store> store_;
    path::WorkerOptions options_;
    unsigned dropped_ = 0;
};

}  // namespace minerwall::bench

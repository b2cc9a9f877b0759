// A wire without a NIC: two DPDK ring ports, so that the worker's own rx and tx stages run over
// packets from memory. One queue each, used by one thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "machine/port.hpp"

struct rte_ring;

namespace minerwall::replay {

class RingWire {
  public:
    static constexpr unsigned kRingSize = 4096;

    // Null, with one line in `error`, if it fails. EAL must be up; a process can make any number of
    // them, each with a name of its own.
    static std::unique_ptr<RingWire> create(const std::string& name, const machine::Pools& pools,
                                            std::string& error);
    ~RingWire();
    RingWire(const RingWire&) = delete;
    RingWire& operator=(const RingWire&) = delete;

    // Puts packets on the wire at an end; returns how many fitted.
    unsigned put(unsigned end, rte_mbuf** packets, unsigned n) noexcept;
    // Takes packets that left at an end.
    unsigned take(unsigned end, rte_mbuf** packets, unsigned n) noexcept;
    machine::Queue& queue(unsigned end) noexcept { return ports_[end]->queue(0); }

  private:
    RingWire() = default;
    struct End {
        rte_ring* in = nullptr;
        rte_ring* out = nullptr;
        int ethdev = -1;
    };
    std::array<End, 2> ends_;
    std::array<std::unique_ptr<machine::Port>, 2> ports_;
};

}  // namespace minerwall::replay

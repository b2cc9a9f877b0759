// Packets that circulate in memory. The loop puts them on a wire of two ring ports, one of two
// programs forwards them, and the loop takes them off at the other end. The loop allocates no
// memory.
//
// One thread. Every error is a std::runtime_error, because a benchmark that lost a packet measured
// the wrong work.
#pragma once

#include <rte_cycles.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "machine/eal.hpp"
#include "machine/pools.hpp"
#include "path/context.hpp"
#include "replay/ring_wire.hpp"

namespace minerwall::bench {

class Loop {
  public:
    static constexpr unsigned kBurst = 32;
    // Packets at each end, as many as a NIC's ring has by default. With more of them on 4 KiB
    // pages, the buffers alone would outgrow the TLB.
    static constexpr unsigned kLap = 1024;

    Loop();
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    // The i-th packet that enters at `end`. Change it only while it is off the wire.
    rte_mbuf* packet(unsigned end, unsigned i) noexcept { return packets_[end][i]; }

    // Puts the first packets of each end on the wire: one lap.
    void load(unsigned at_a, unsigned at_b);
    // TSC cycles of a lap; no value if the kernel ran another program in the middle of it.
    using Cycles = std::optional<std::uint64_t>;
    // What dpdk-testpmd does in io mode: a burst from a port to its peer.
    Cycles forward_plain() noexcept;
    // Calls `turn` until it has processed the lap; `turn` returns a number of packets.
    template <typename Turn>
    Cycles forward(Turn&& turn) noexcept {
        const unsigned loaded = loaded_[0] + loaded_[1];
        const Stopwatch watch;
        for (unsigned done = 0; done < loaded;) {
            const unsigned n = turn();
            if (n == 0) {
                break;  // collect() reports the missing packets
            }
            done += n;
        }
        return watch.read();
    }
    // Takes the lap off the wire and checks that every packet arrived at the other end, in order.
    void collect();

    machine::Queue& queue(unsigned end) noexcept { return wire_->queue(end); }
    path::PacketPools packet_pools() const noexcept {
        return {pools_->crafted(), pools_->reassembled()};
    }
    const std::string& memory() const noexcept { return memory_; }  // text for the report

  private:
    class Stopwatch {
      public:
        Stopwatch() noexcept : preemptions_(preemptions()), start_(rte_rdtsc_precise()) {}
        Cycles read() const noexcept {
            const std::uint64_t end = rte_rdtsc_precise();
            return preemptions() == preemptions_ ? Cycles(end - start_) : std::nullopt;
        }

      private:
        static long preemptions() noexcept;  // of this thread, so far
        long preemptions_;
        std::uint64_t start_;
    };

    std::unique_ptr<machine::Eal> eal_;  // starts first and stops last
    std::unique_ptr<machine::Pools> pools_;
    std::unique_ptr<replay::RingWire> wire_;
    std::array<std::uint16_t, 2> ethdev_{};
    std::array<std::vector<rte_mbuf*>, 2> packets_;
    std::array<unsigned, 2> loaded_{};
    std::string memory_;
};

}  // namespace minerwall::bench

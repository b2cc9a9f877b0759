// A wire of rings for fuzz_path: ports, buffers, rings and two policies, made once per process.
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "event/ring.hpp"
#include "machine/pools.hpp"
#include "machine/port.hpp"
#include "match/prefilter.hpp"
#include "output/eve/formatter.hpp"
#include "policy/store.hpp"
#include "require.hpp"

struct rte_mempool;
struct rte_ring;

namespace minerwall::fuzz {

using Frame = std::vector<std::uint8_t>;

class Wire {
  public:
    static constexpr unsigned kWorkers = 2;

    // Starts EAL, pools and ports once per process, for ever. Exits if DPDK does not start.
    static Wire& get();

    // Puts the first or the second policy in force; the second one observes only. False: a worker
    // has not seen the last change yet.
    bool put_in_force(bool second);
    bool second_in_force() const { return second_; }

  private:
    friend class Run;
    Wire();
    void make_ports();

    std::unique_ptr<machine::Pools> pools_;
    struct End {
        std::array<rte_ring*, kWorkers> in{}, out{};
        std::unique_ptr<machine::Port> port;
    };
    std::array<End, 2> ends_;
    std::array<rte_ring*, kWorkers> handover_{};  // [to]
    std::unique_ptr<policy::Store> store_;
    std::unique_ptr<match::Prefilter> prefilter_;
    std::unique_ptr<event::Ring> events_;
    std::unique_ptr<output::EveFormatter> writer_;
    int serial_offset_ = 0;  // of our field in each mbuf
    bool second_ = false;
};

// An exact count, unlike rte_mempool_avail_count(), which hides a buffer that was freed twice.
unsigned free_buffers(const rte_mempool* pool);

}  // namespace minerwall::fuzz

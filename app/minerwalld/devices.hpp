// EAL, buffer pools and the ports of all wires.
//
// The main thread opens and closes them. Any thread may call the const functions.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "machine/config.hpp"
#include "machine/eal.hpp"
#include "machine/end_lock.hpp"
#include "machine/pools.hpp"
#include "machine/port.hpp"
#include "minerwalld/log.hpp"

namespace minerwall::daemon {

class Devices {
  public:
    // Null if something fails, which is logged. One at a time in a process.
    static std::unique_ptr<Devices> open(const machine::Config& config, const Log& log);

    // Closes the ports and gives their interfaces back. Nothing may use a queue any more; the rest
    // stays as it is.
    void close_ports();

    // Queue `worker` of every port, by port; only that worker may use them.
    std::vector<machine::Queue*> queues(unsigned worker);

    bool uses_hugepages() const { return eal_.uses_hugepages(); }
    const machine::Pools& pools() const { return pools_; }
    std::size_t port_count() const { return ports_.size(); }
    std::vector<std::string> port_names() const;  // by port
    machine::LinkStatus link(std::size_t port) const { return ports_[port]->link(); }
    // Main thread: see machine::Port::look().
    void look(std::size_t port, std::chrono::steady_clock::time_point now,
              machine::EndNotes& notes) {
        ports_[port]->look(now, notes);
    }
    machine::EndState state(std::size_t port) const { return ports_[port]->state(); }
    std::uint64_t times_retaken(std::size_t port) const { return ports_[port]->times_retaken(); }
    // Without another start.
    bool can_be_taken_again(std::size_t port) const { return ports_[port]->is_kernel(); }
    machine::PortStats stats(std::size_t port) const { return ports_[port]->stats(); }
    // Some end of a wire cannot keep a flow on one queue.
    bool needs_rehash() const;
    // How each wire's NICs spread flows; meaningless if needs_rehash().
    std::vector<const machine::Spread*> spreads() const;

  private:
    Devices(machine::EndLocks locks, machine::Eal eal, machine::Pools pools);

    machine::EndLocks locks_;  // first in, last out
    machine::Eal eal_;
    machine::Pools pools_;
    std::vector<std::unique_ptr<machine::Port>> ports_;
};

}  // namespace minerwall::daemon

// EAL, buffer pools and the ports of all wires.
//
// The main thread opens and closes them. Any thread may call the const functions.
#pragma once

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

    // Queue `worker` of every port, by port; only that worker may use them.
    std::vector<machine::Queue*> queues(unsigned worker);

    bool uses_hugepages() const { return eal_.uses_hugepages(); }
    const machine::Pools& pools() const { return pools_; }
    std::size_t port_count() const { return ports_.size(); }
    std::vector<std::string> port_names() const;  // by port
    machine::LinkStatus link(std::size_t port) const { return ports_[port]->link(); }
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

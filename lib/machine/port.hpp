// One end of a wire. Wire w has the ports 2w and 2w + 1; a packet that comes in at one leaves at
// the other, peer_of(port). Worker i owns queue i of every port.
//
// Control plane: one thread opens, looks and closes; several (scrapes) may call stats() and the
// const functions at a time. Each queue belongs to its worker.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "machine/config.hpp"
#include "machine/end_lock.hpp"
#include "machine/end_state.hpp"
#include "machine/kernel_interface.hpp"
#include "machine/pools.hpp"
#include "machine/queue.hpp"
#include "machine/spread.hpp"

namespace minerwall::machine {

constexpr std::uint16_t peer_of(std::uint16_t port) noexcept {
    return port ^ 1;
}

struct PortOptions {
    unsigned workers = 1;
    unsigned rx_descriptors = 1024;
    unsigned tx_descriptors = 1024;
    const Pools* pools = nullptr;
    std::string kept_file;  // see KernelOptions
};

// Losses outside our ledger: frames that never reached a worker. Totals since we opened the port.
struct PortStats {
    std::uint64_t rx_missed = 0;     // no free descriptor, or the socket's buffer was full
    std::uint64_t rx_errors = 0;     // bad FCS, length, ...
    std::uint64_t rx_no_mbuf = 0;    // the pool was empty
    std::uint64_t rx_truncated = 0;  // also in the ledger, as Reason::rx_truncated
    std::uint64_t tx_errors = 0;     // the device took but did not send it; kernel ends: refused
    std::uint64_t checksums_completed = 0;
};

struct LinkStatus {
    bool up = false;
    std::uint32_t speed_mbps = 0;  // 0: unknown
};

class Port {
  public:
    // Null with one line in `error` that names the end and the limit. `warnings` gets lesser
    // problems.
    static std::unique_ptr<Port> open(const EndConfig& end, const PortOptions& options,
                                      std::string& error, std::vector<std::string>& warnings);
    // For tests and replay: takes an ethdev that the caller made (rte_eth_from_rings(), net_pcap).
    // Configures and starts it here, stops it in the destructor; the caller closes it.
    static std::unique_ptr<Port> adopt(std::uint16_t ethdev, std::string name,
                                       const PortOptions& options, std::string& error);
    ~Port();
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;

    const std::string& name() const noexcept { return name_; }
    Queue& queue(unsigned worker) noexcept { return queues_[worker]; }

    // The path must compute the flow's worker itself and hand the packet over, because the two
    // directions of a TCP or UDP flow may arrive at different queues. Never with one worker. Port
    // computes this from the key and the redirection table that it read back from the NIC. It
    // trusts only PCI devices: virtual ones accept a key and do not use it.
    bool needs_rehash() const noexcept { return workers_ > 1 && !symmetric_; }
    // How the device spreads flows; meaningless if needs_rehash().
    const Spread& spread() const noexcept { return rss_; }
    // Two ends with different key, table or fields do not make a symmetric wire, even if each is
    // symmetric alone: clears the claim of both. open_ports() calls this.
    static void compare_rss(Port& a, Port& b) noexcept;

    PortStats stats();
    LinkStatus link() const;

    // Call it every second, and when the kernel reports a change of interfaces. A kernel end learns
    // here what became of its interface, and takes it again; see KernelInterface::look(). A DPDK
    // port whose device left is broken for good: drivers free what rx and tx use, so it can only be
    // opened again when no worker runs.
    void look(KernelInterface::Clock::time_point now, EndNotes& notes);
    EndState state() const noexcept;
    bool is_kernel() const noexcept { return kernel_ != nullptr; }
    std::uint64_t times_retaken() const noexcept {
        return kernel_ == nullptr ? 0 : kernel_->times_retaken();
    }

  private:
    Port(std::string name, const PortOptions& options);
    static std::unique_ptr<Port> open_kernel(const EndConfig& end, const PortOptions& options,
                                             std::string& error,
                                             std::vector<std::string>& warnings);
    bool start(const PortOptions& options, std::string& error);
    bool start_queues(const rte_eth_dev_info& info, const rte_eth_conf& conf,
                      const PortOptions& options, std::string& error);
    bool set_spread(const rte_eth_dev_info& info);
    bool fail(std::string& error, std::string_view what, int code) const;
    bool is_pci() const noexcept { return kind_ == EndKind::pci; }

    std::string name_;
    EndKind kind_ = EndKind::vdev;
    std::uint16_t ethdev_ = UINT16_MAX;
    unsigned workers_;
    int socket_ = -1;
    bool adopted_ = false;
    unsigned interface_ = 0;  // of the kernel, behind a virtual device; 0: none
    std::atomic<EndState> ethdev_state_{EndState::up};
    Spread rss_;  // as read back from the device
    bool symmetric_ = false;
    std::unique_ptr<KernelInterface> kernel_;
    std::vector<Queue> queues_;
};

// All ports of a configuration, in the order of their indexes. `locks`, if not null, has their
// ends. On failure empty, with `error` set.
std::vector<std::unique_ptr<Port>> open_ports(const Config& config, const Pools& pools,
                                              const EndLocks* locks, std::string& error,
                                              std::vector<std::string>& warnings);

}  // namespace minerwall::machine

// One end of a wire. Wire w has the ports 2w and 2w + 1; whatever comes in at one leaves at the
// other, peer_of(port). Worker i owns queue i of every port.
//
// Control plane: opened and closed by one thread; stats() and link() may be asked by several at a
// time (scrapes). The queues belong to their workers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "machine/config.hpp"
#include "machine/kernel_interface.hpp"
#include "machine/pools.hpp"
#include "machine/queue.hpp"
#include "machine/spread.hpp"

namespace minerwall::machine {

constexpr std::uint16_t peer_of(std::uint16_t port) noexcept {
    return port ^ 1;
}

struct PortOptions {
    std::uint16_t index = 0;  // ours, not DPDK's
    unsigned workers = 1;
    unsigned rx_descriptors = 1024;
    unsigned tx_descriptors = 1024;
    const Pools* pools = nullptr;
};

// Losses outside our ledger: frames that never reached a worker. Totals since the port was opened.
struct PortStats {
    std::uint64_t rx_missed = 0;     // no free descriptor, or the socket's buffer was full
    std::uint64_t rx_errors = 0;     // bad FCS, length, ...
    std::uint64_t rx_no_mbuf = 0;    // the pool was empty
    std::uint64_t rx_truncated = 0;  // also in the ledger, as Reason::rx_truncated
    std::uint64_t tx_errors = 0;     // taken by the device and not sent; kernel ends: refused
    std::uint64_t checksums_completed = 0;
};

struct LinkStatus {
    bool up = false;
    std::uint32_t speed_mbps = 0;  // 0: unknown
};

class Port {
  public:
    // Null with one line in `error` that names the end and the limit. Doubts go to `warnings`.
    static std::unique_ptr<Port> open(const EndConfig& end, const PortOptions& options,
                                      std::string& error, std::vector<std::string>& warnings);
    // An ethdev that somebody else made, for tests and replay (rte_eth_from_rings(), net_pcap): is
    // configured and started here, stopped when this object goes, and closed by its maker.
    static std::unique_ptr<Port> adopt(std::uint16_t ethdev, std::string name,
                                       const PortOptions& options, std::string& error);
    ~Port();
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;

    std::uint16_t index() const noexcept { return index_; }
    std::uint16_t peer() const noexcept { return peer_of(index_); }
    const std::string& name() const noexcept { return name_; }
    const std::string& driver() const noexcept { return driver_; }
    int socket() const noexcept { return socket_; }
    unsigned mtu() const noexcept { return mtu_; }
    Queue& queue(unsigned worker) noexcept { return queues_[worker]; }

    // Both directions of a TCP or UDP flow arrive at the same queue index, by computation over the
    // key and the redirection table that were read back from the NIC. Only PCI devices are
    // believed: virtual ones accept a key and do not use it.
    bool symmetric_rss_verified() const noexcept { return symmetric_; }
    // The path has to compute the flow's worker itself and hand over. Never with one worker.
    bool needs_rehash() const noexcept { return workers_ > 1 && !symmetric_; }
    // How the device spreads; meaningless where needs_rehash().
    const Spread& spread() const noexcept { return rss_; }
    // Two ends that spread differently (other key, table or fields) make no symmetric wire, however
    // symmetric each is by itself: takes the claim back from both. open_ports() asks this.
    static void compare_rss(Port& a, Port& b) noexcept;

    PortStats stats();
    // Ask about once a second: a kernel end learns here that its carrier is gone.
    LinkStatus link();

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
    std::string driver_;
    EndKind kind_ = EndKind::vdev;
    std::uint16_t index_;
    std::uint16_t ethdev_ = UINT16_MAX;
    unsigned workers_;
    unsigned mtu_ = 0;
    int socket_ = -1;
    bool adopted_ = false;
    Spread rss_;  // as read back from the device
    bool symmetric_ = false;
    std::unique_ptr<KernelInterface> kernel_;
    std::vector<Queue> queues_;
};

// All ports of a configuration, in the order of their indexes. Empty with `error` set on failure.
std::vector<std::unique_ptr<Port>> open_ports(const Config& config, const Pools& pools,
                                              std::string& error,
                                              std::vector<std::string>& warnings);

}  // namespace minerwall::machine

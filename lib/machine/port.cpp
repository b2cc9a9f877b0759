#include "machine/port.hpp"

#include <fmt/format.h>
#include <net/if.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <algorithm>

#include "machine/dpdk_compat.hpp"
#include "machine/rss.hpp"

namespace minerwall::machine {

namespace {

constexpr unsigned kLargestMtu = 9600;          // jumbo; more only costs descriptors
constexpr unsigned kFrameOverMtu = 14 + 2 * 4;  // Ethernet header and two VLAN tags
constexpr unsigned kTapOverMtu = 14 + 4 + 4;    // the limit of net_tap: rte_eth_tap.c
constexpr std::size_t kComparedKey = 40;        // bytes that an IPv6 five-tuple uses
constexpr std::uint64_t kSpreadBy = RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP;

rte_eth_conf make_conf(const rte_eth_dev_info& info, bool pci, unsigned workers, unsigned data_room,
                       std::vector<std::uint8_t>& key) {
    rte_eth_conf conf{};
    conf.rxmode.offloads = info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER;
    // No fast free: segments come from two pools, and other owners may share them for inspection.
    conf.txmode.offloads = info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
    if (pci) {
        const bool scatter = conf.rxmode.offloads != 0;
        conf.rxmode.mtu =
            std::min<unsigned>(info.max_mtu, scatter ? kLargestMtu : data_room - kFrameOverMtu);
    }
    if (workers > 1 && (info.flow_type_rss_offloads & kSpreadBy) != 0) {
        conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
        key = symmetric_key(info.hash_key_size != 0 ? info.hash_key_size : kComparedKey);
        conf.rx_adv_conf.rss_conf.rss_key = key.data();
        conf.rx_adv_conf.rss_conf.rss_key_len = static_cast<std::uint8_t>(key.size());
        conf.rx_adv_conf.rss_conf.rss_hf = info.flow_type_rss_offloads & kSpreadBy;
        choose_toeplitz(info, conf.rx_adv_conf.rss_conf);
    }
    return conf;
}

std::uint16_t port_by_name(const std::string& name) {
    std::uint16_t id = UINT16_MAX;
    return rte_eth_dev_get_port_by_name(name.c_str(), &id) == 0 ? id : UINT16_MAX;
}

}  // namespace

Port::Port(std::string name, const PortOptions& options)
    : name_(std::move(name)), workers_(options.workers) {}

Port::~Port() {
    queues_.clear();
    if (ethdev_ == UINT16_MAX) {
        return;
    }
    rte_eth_dev_stop(ethdev_);
    if (!adopted_) {
        rte_eth_dev_close(ethdev_);
    }
}

bool Port::fail(std::string& error, std::string_view what, int code) const {
    error = fmt::format("wire end {}: {}: {}", name_, what, rte_strerror(code < 0 ? -code : code));
    return false;
}

std::unique_ptr<Port> Port::open_kernel(const EndConfig& end, const PortOptions& options,
                                        std::string& error, std::vector<std::string>& warnings) {
    std::unique_ptr<Port> port(new Port(end.name, options));
    KernelOptions kernel;
    kernel.workers = options.workers;
    kernel.pool = options.pools->frames(port->socket_);
    kernel.kept_file = options.kept_file;
    port->kind_ = EndKind::kernel;
    port->kernel_ = KernelInterface::open(end.device, kernel, error, warnings);
    if (port->kernel_ == nullptr) {
        return nullptr;
    }
    for (unsigned worker = 0; worker < options.workers; ++worker) {
        port->queues_.emplace_back(port->kernel_->queue(worker));
    }
    return port;
}

std::unique_ptr<Port> Port::open(const EndConfig& end, const PortOptions& options,
                                 std::string& error, std::vector<std::string>& warnings) {
    if (end.kind == EndKind::kernel) {
        return open_kernel(end, options, error, warnings);
    }
    std::unique_ptr<Port> port(new Port(end.name, options));
    port->kind_ = end.kind;
    std::uint16_t id = UINT16_MAX;
    if (end.kind == EndKind::pci) {  // EAL probed it, from its arguments
        id = port_by_name(end.device);
        if (id == UINT16_MAX) {
            error = fmt::format(
                "wire end {}: no DPDK driver has this device; is it there, and bound to vfio-pci? "
                "(drivers-config/preflight shows it)",
                end.name);
            return nullptr;
        }
    } else {
        const int probed = rte_dev_probe(end.device.c_str());
        id = port_by_name(end.name);
        if (probed != 0 || id == UINT16_MAX) {
            error = fmt::format("wire end {}: DPDK cannot make the device \"{}\": {}", end.name,
                                end.device, rte_strerror(probed < 0 ? -probed : ENODEV));
            return nullptr;
        }
    }
    port->ethdev_ = id;
    return port->start(options, error) ? std::move(port) : nullptr;
}

std::unique_ptr<Port> Port::adopt(std::uint16_t ethdev, std::string name,
                                  const PortOptions& options, std::string& error) {
    std::unique_ptr<Port> port(new Port(std::move(name), options));
    port->ethdev_ = ethdev;
    port->adopted_ = true;
    return port->start(options, error) ? std::move(port) : nullptr;
}

bool Port::start(const PortOptions& options, std::string& error) {
    rte_eth_dev_info info{};
    if (const int rc = rte_eth_dev_info_get(ethdev_, &info); rc != 0) {
        return fail(error, "cannot read what the device can do", rc);
    }
    const std::string driver = info.driver_name != nullptr ? info.driver_name : "unknown";
    socket_ = rte_eth_dev_socket_id(ethdev_);
    interface_ = is_pci() ? 0 : info.if_index;
    const unsigned limit = std::min(info.max_rx_queues, info.max_tx_queues);
    if (workers_ > limit) {
        error = fmt::format(
            "wire end {}: the device ({}) has {} receive and {} transmit queues, too few for {} "
            "workers: lower workers.count to {}",
            name_, driver, info.max_rx_queues, info.max_tx_queues, workers_, limit);
        return false;
    }
    const unsigned data_room =
        rte_pktmbuf_data_room_size(options.pools->frames(socket_)) - RTE_PKTMBUF_HEADROOM;
    std::vector<std::uint8_t> key;
    const rte_eth_conf conf = make_conf(info, is_pci(), workers_, data_room, key);
    const auto queues = static_cast<std::uint16_t>(workers_);
    if (const int rc = rte_eth_dev_configure(ethdev_, queues, queues, &conf); rc != 0) {
        return fail(error, fmt::format("cannot configure {} queues", queues), rc);
    }
    if (!start_queues(info, conf, options, error)) {
        return false;
    }
    if (const int rc = rte_eth_dev_start(ethdev_); rc != 0) {
        return fail(error, "cannot start", rc);
    }
    // A wire end must receive frames for other hosts. Virtual devices receive all frames anyway.
    if (const int rc = rte_eth_promiscuous_enable(ethdev_); rc != 0 && is_pci()) {
        return fail(error, "cannot set promiscuous mode", rc);
    }
    rte_eth_allmulticast_enable(ethdev_);  // part of promiscuous mode; for drivers where that fails
    if (conf.rxmode.mq_mode == RTE_ETH_MQ_RX_RSS) {
        symmetric_ = set_spread(info) && is_pci();
    }

    std::uint16_t mtu = 0;
    rte_eth_dev_get_mtu(ethdev_, &mtu);
    std::uint32_t max_frame = UINT32_MAX;  // rings, captures and the null device take any
    std::uint16_t max_segments = UINT16_MAX;
    if (is_pci()) {
        max_frame = mtu + kFrameOverMtu;
        max_segments = conf.txmode.offloads == 0 ? 1 : info.tx_desc_lim.nb_seg_max;
        if (max_segments == 0) {
            max_segments = UINT16_MAX;
        }
    } else if (driver == "net_tap") {
        max_frame = mtu + kTapOverMtu;
    }
    for (std::uint16_t q = 0; q < queues; ++q) {
        queues_.emplace_back(ethdev_, q, max_frame, max_segments);
    }
    return true;
}

bool Port::start_queues(const rte_eth_dev_info& info, const rte_eth_conf& conf,
                        const PortOptions& options, std::string& error) {
    auto rx = static_cast<std::uint16_t>(options.rx_descriptors);
    auto tx = static_cast<std::uint16_t>(options.tx_descriptors);
    if (const int rc = rte_eth_dev_adjust_nb_rx_tx_desc(ethdev_, &rx, &tx); rc != 0) {
        return fail(error, "cannot fit the number of descriptors to the device", rc);
    }
    const auto socket = static_cast<unsigned>(socket_);
    rte_eth_rxconf rx_conf = info.default_rxconf;
    rte_eth_txconf tx_conf = info.default_txconf;
    rx_conf.offloads = conf.rxmode.offloads;
    tx_conf.offloads = conf.txmode.offloads;
    for (std::uint16_t q = 0; q < workers_; ++q) {
        int rc = rte_eth_rx_queue_setup(ethdev_, q, rx, socket, &rx_conf,
                                        options.pools->frames(socket_));
        if (rc != 0) {
            return fail(error, fmt::format("cannot set up receive queue {}", q), rc);
        }
        rc = rte_eth_tx_queue_setup(ethdev_, q, tx, socket, &tx_conf);
        if (rc != 0) {
            return fail(error, fmt::format("cannot set up transmit queue {}", q), rc);
        }
    }
    return true;
}

// Fills the redirection table evenly, then reads key and table back and checks those: what the
// device really has counts, not what we wrote.
bool Port::set_spread(const rte_eth_dev_info& info) {
    const unsigned size = info.reta_size;
    if (size == 0) {
        return false;
    }
    std::vector<rte_eth_rss_reta_entry64> reta((size + RTE_ETH_RETA_GROUP_SIZE - 1) /
                                               RTE_ETH_RETA_GROUP_SIZE);
    for (unsigned i = 0; i < size; ++i) {
        auto& group = reta[i / RTE_ETH_RETA_GROUP_SIZE];
        group.mask |= 1ULL << (i % RTE_ETH_RETA_GROUP_SIZE);
        group.reta[i % RTE_ETH_RETA_GROUP_SIZE] = static_cast<std::uint16_t>(i % workers_);
    }
    const auto entries = static_cast<std::uint16_t>(size);
    rte_eth_dev_rss_reta_update(ethdev_, reta.data(), entries);  // it may keep its own: read back
    if (rte_eth_dev_rss_reta_query(ethdev_, reta.data(), entries) != 0) {
        return false;
    }
    for (unsigned i = 0; i < size; ++i) {
        rss_.table.push_back(reta[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE]);
    }
    rss_.key.resize(std::max<std::size_t>(info.hash_key_size, kComparedKey));
    rte_eth_rss_conf now{};
    now.rss_key = rss_.key.data();
    now.rss_key_len = static_cast<std::uint8_t>(rss_.key.size());
    if (rte_eth_dev_rss_hash_conf_get(ethdev_, &now) != 0) {
        return false;
    }
    rss_.types = now.rss_hf;
    return rss_is_symmetric(rss_.key, rss_.table, workers_);
}

void Port::compare_rss(Port& a, Port& b) noexcept {
    if (!a.symmetric_ || !b.symmetric_) {
        return;
    }
    const Spread& x = a.rss_;
    const Spread& y = b.rss_;
    bool same = x.types == y.types &&
                std::equal(x.key.begin(), x.key.begin() + kComparedKey, y.key.begin());
    // The sizes are powers of two, so the longer table must repeat the shorter.
    for (std::size_t i = 0; same && i < std::max(x.table.size(), y.table.size()); ++i) {
        same = x.table[i % x.table.size()] == y.table[i % y.table.size()];
    }
    a.symmetric_ = b.symmetric_ = same;
}

PortStats Port::stats() {
    PortStats out;
    if (kernel_ != nullptr) {
        out.rx_missed = kernel_->kernel_drops();
        for (unsigned worker = 0; worker < workers_; ++worker) {
            const KernelQueue::Counters& c = kernel_->queue(worker).counters();
            out.rx_errors += c.rx_errors.get();
            out.rx_no_mbuf += c.rx_no_mbuf.get();
            out.rx_truncated += c.truncated.get();
            out.tx_errors += c.tx_errors.get();
            out.checksums_completed += c.checksums_completed.get();
        }
        return out;
    }
    rte_eth_stats stats{};
    if (rte_eth_stats_get(ethdev_, &stats) == 0) {
        out.rx_missed = stats.imissed;
        out.rx_errors = stats.ierrors;
        out.rx_no_mbuf = stats.rx_nombuf;
        out.tx_errors = stats.oerrors;
    }
    return out;
}

void Port::look(KernelInterface::Clock::time_point now, EndNotes& notes) {
    if (kernel_ != nullptr) {
        kernel_->look(now, notes);
        return;
    }
    if (ethdev_state_ == EndState::broken) {
        return;
    }
    char name[IF_NAMESIZE] = "";
    if (rte_eth_dev_is_removed(ethdev_) == 1 ||
        (interface_ != 0 && if_indextoname(interface_, name) == nullptr)) {
        ethdev_state_ = EndState::broken;
        notes.push_back({true, "the device is gone; DPDK can open it again only after a restart"});
        return;
    }
    const EndState state = link().up ? EndState::up : EndState::no_carrier;
    if (state != ethdev_state_) {
        notes.push_back({state != EndState::up, state == EndState::up
                                                    ? "carrier"
                                                    : "no carrier: check cable and neighbour"});
        ethdev_state_ = state;
    }
}

EndState Port::state() const noexcept {
    return kernel_ == nullptr ? ethdev_state_.load(std::memory_order_relaxed) : kernel_->state();
}

LinkStatus Port::link() const {
    LinkStatus out;
    if (kernel_ != nullptr) {
        out.up = kernel_->carrier();
        return out;
    }
    rte_eth_link link{};
    if (rte_eth_link_get_nowait(ethdev_, &link) == 0) {
        out.up = link.link_status != 0;
        out.speed_mbps = link.link_speed == RTE_ETH_SPEED_NUM_UNKNOWN ? 0 : link.link_speed;
    }
    return out;
}

std::vector<std::unique_ptr<Port>> open_ports(const Config& config, const Pools& pools,
                                              const EndLocks* locks, std::string& error,
                                              std::vector<std::string>& warnings) {
    std::vector<std::unique_ptr<Port>> ports;
    PortOptions options;
    options.workers = config.workers.count;
    options.rx_descriptors = config.workers.rx_descriptors;
    options.tx_descriptors = config.workers.tx_descriptors;
    options.pools = &pools;
    for (const WireConfig& wire : config.wires) {
        for (const EndConfig& end : wire.ends) {
            options.kept_file = locks == nullptr ? std::string{} : locks->kept_file(end);
            ports.push_back(Port::open(end, options, error, warnings));
            if (ports.back() == nullptr) {
                return {};
            }
        }
        Port::compare_rss(*ports[ports.size() - 2], *ports.back());
    }
    return ports;
}

}  // namespace minerwall::machine

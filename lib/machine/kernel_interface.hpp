// The control half of a wire end on a kernel interface: prepares the interface, opens one packet
// socket per worker, and restores everything on close.
//
// Control plane: one thread opens and closes it; several may call refresh_link() and kernel_drops()
// at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "machine/kernel_queue.hpp"

namespace minerwall::machine {

struct KernelOptions {
    unsigned workers = 1;
    rte_mempool* pool = nullptr;
    unsigned receive_buffer_mb = 16;  // of each worker's socket
    bool qdisc_bypass = false;        // PACKET_QDISC_BYPASS: no traffic control on egress
};

class KernelInterface {
  public:
    // Waits up to a second for the carrier, then continues without. Null with one line in `error`
    // if the interface is absent or we lack CAP_NET_RAW or CAP_NET_ADMIN. `warnings` gets problems
    // that do not prevent the start.
    static std::unique_ptr<KernelInterface> open(const std::string& name,
                                                 const KernelOptions& options, std::string& error,
                                                 std::vector<std::string>& warnings);
    ~KernelInterface();
    KernelInterface(const KernelInterface&) = delete;
    KernelInterface& operator=(const KernelInterface&) = delete;

    KernelQueue& queue(unsigned worker) noexcept { return *queues_[worker]; }

    // Carrier, read from the kernel. Also informs the queues: without carrier, the kernel accepts
    // frames and discards them silently, so tx() then refuses them.
    bool refresh_link();
    // Frames since open() that the kernel dropped because a socket's receive buffer was full.
    std::uint64_t kernel_drops();

  private:
    KernelInterface(std::string name, int control) : name_(std::move(name)), control_(control) {}
    bool prepare(std::string& error, std::vector<std::string>& warnings);
    void switch_offloads_off();
    void switch_ipv6_off(std::vector<std::string>& warnings);
    bool open_sockets(const KernelOptions& options, std::string& error);
    void restore() noexcept;

    std::string name_;
    int control_;  // an AF_INET datagram socket for ioctl()
    int index_ = 0;
    unsigned mtu_ = 0;
    short flags_before_ = 0;
    std::string ipv6_before_;                                     // text of disable_ipv6
    std::vector<std::pair<unsigned, unsigned>> offloads_before_;  // set command, value
    std::atomic<bool> carrier_{true};
    std::atomic<std::uint64_t> drops_{0};
    std::vector<std::unique_ptr<KernelQueue>> queues_;
};

}  // namespace minerwall::machine

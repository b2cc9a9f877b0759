// The control half of a wire end on a kernel interface: prepares the interface, opens one packet
// socket per worker, takes the interface again when it was replaced, and restores it on close.
//
// Control plane: one thread opens, looks and closes; any thread may call the const functions and
// kernel_drops().
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "machine/end_state.hpp"
#include "machine/interface_settings.hpp"
#include "machine/kept_settings.hpp"
#include "machine/kernel_queue.hpp"
#include "machine/packet_sockets.hpp"

namespace minerwall::machine {

struct KernelOptions {
    unsigned workers = 1;
    rte_mempool* pool = nullptr;
    unsigned receive_buffer_mb = 16;  // of each worker's socket
    bool qdisc_bypass = false;        // PACKET_QDISC_BYPASS: no traffic control on egress
    std::string kept_file;            // for the settings to restore; empty: none
};

class KernelInterface {
  public:
    using Clock = std::chrono::steady_clock;
    // After this time we bring an interface up again that somebody took down: time for a change
    // that needs it down.
    static constexpr std::chrono::seconds kDownFor{3};

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

    // Compares the interface with what we have, and mends what it can: the end is the interface of
    // its name; while there is none, it is the interface that had the name. Call it every second,
    // and when the kernel reports a change.
    void look(Clock::time_point now, EndNotes& notes);
    EndState state() const noexcept { return state_.load(std::memory_order_relaxed); }
    std::uint64_t times_retaken() const noexcept {
        return retaken_.load(std::memory_order_relaxed);
    }

    // Carrier, read from the kernel. Also informs the queues: without carrier, the kernel accepts
    // frames and discards them silently, so tx() then refuses them.
    bool refresh_link();
    bool carrier() const noexcept { return carrier_.load(std::memory_order_relaxed); }
    // Frames since open() that the kernel dropped because a socket's receive buffer was full.
    std::uint64_t kernel_drops();

  private:
    KernelInterface(std::string name, int control, const KernelOptions& options)
        : name_(std::move(name)), options_(options), control_(control), kept_(options.kept_file) {}
    bool prepare(std::string& error, std::vector<std::string>& warnings);
    bool take(std::string& error, std::vector<std::string>& warnings);
    bool use(PacketSockets& sockets, std::string& error);
    bool bound() const noexcept;
    void silence(std::vector<std::string>& warnings);
    void retake(Clock::time_point now, EndNotes& notes);
    void look_at_name(EndNotes& notes);
    void look_at_flags(Clock::time_point now, EndNotes& notes);
    void look_at_mtu(EndNotes& notes);
    void restore();

    const std::string name_;
    const KernelOptions options_;
    int control_;         // an AF_INET datagram socket for ioctl()
    std::string called_;  // the interface's name now; differs from name_ after a renaming
    unsigned mtu_ = 0;
    KeptSettings kept_;
    std::optional<InterfaceSettings> before_;  // engaged: ours, and to restore
    bool silent_ = true;                       // the kernel let us switch IPv6 off
    Clock::time_point down_since_{};
    Clock::time_point tried_at_{};
    std::string failure_;  // of the last attempt to take it
    std::atomic<EndState> state_{EndState::up};
    std::atomic<std::uint64_t> retaken_{0};
    std::atomic<bool> carrier_{true};
    std::atomic<std::uint64_t> drops_{0};
    std::vector<std::unique_ptr<KernelQueue>> queues_;
};

}  // namespace minerwall::machine

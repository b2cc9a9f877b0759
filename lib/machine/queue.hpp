// What a worker sees of a wire end: a queue to receive frames from and to send frames to.
//
// One worker per queue. The kind is a branch and not a virtual call: it is the same for every burst
// of a queue, so the branch is free, and the DPDK calls are inlined.
#pragma once

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <cstdint>

#include "machine/kernel_queue.hpp"

namespace minerwall::machine {

class Queue {
  public:
    enum class Kind : std::uint8_t { none, ethdev, kernel };

    Queue() = default;
    // `max_frame`: the longest frame that the device transmits, bytes without FCS. The queue
    // refuses longer ones, because most drivers would drop them silently or stall. `max_segments`:
    // of a frame on egress.
    Queue(std::uint16_t ethdev, std::uint16_t queue, std::uint32_t max_frame,
          std::uint16_t max_segments) noexcept
        : kind_(Kind::ethdev),
          ethdev_(ethdev),
          queue_(queue),
          max_segments_(max_segments),
          max_frame_(max_frame) {}
    explicit Queue(KernelQueue& kernel) noexcept : kind_(Kind::kernel), kernel_(&kernel) {}

    // Up to n frames in wire order. rte_mbuf::port is the driver's; the caller overwrites it with
    // our port index.
    std::uint16_t rx(rte_mbuf** out, std::uint16_t n) noexcept {
        return kind_ == Kind::ethdev ? rte_eth_rx_burst(ethdev_, queue_, out, n)
                                     : kernel_->rx(out, n);
    }

    // Returns how many of the first frames were taken; those no longer belong to the caller. Fewer
    // than n: the queue is full and the caller may retry, unless tx_refused(). Then the first
    // remaining frame can never be sent here, and the caller drops exactly that one with
    // Reason::tx_error.
    std::uint16_t tx(rte_mbuf** in, std::uint16_t n) noexcept {
        if (kind_ == Kind::kernel) {
            return kernel_->tx(in, n);
        }
        std::uint16_t fit = 0;
        while (fit < n && in[fit]->pkt_len <= max_frame_ && in[fit]->nb_segs <= max_segments_) {
            ++fit;
        }
        const std::uint16_t sent = fit == 0 ? 0 : rte_eth_tx_burst(ethdev_, queue_, in, fit);
        refused_ = sent == fit && fit < n;
        return sent;
    }
    // About the last tx() that took fewer frames than it was given.
    bool tx_refused() const noexcept {
        return kind_ == Kind::kernel ? kernel_->tx_refused() : refused_;
    }

    // Frames since the last call that the end could not deliver whole: Reason::rx_truncated.
    std::uint32_t take_truncated() noexcept {
        return kind_ == Kind::kernel ? kernel_->take_truncated() : 0;
    }

    // A descriptor that becomes readable when a frame waits; -1 for DPDK ends, which are polled.
    int wait_fd() const noexcept { return kind_ == Kind::kernel ? kernel_->fd() : -1; }

  private:
    Kind kind_ = Kind::none;
    bool refused_ = false;
    std::uint16_t ethdev_ = 0;
    std::uint16_t queue_ = 0;
    std::uint16_t max_segments_ = 0;
    std::uint32_t max_frame_ = 0;
    KernelQueue* kernel_ = nullptr;
};

}  // namespace minerwall::machine

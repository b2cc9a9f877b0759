// Ring of event slots between one worker and the writer thread: one producer, one consumer, no
// lock, no copy. The producer writes in the slot itself; publish() hands it over.
//
// When the ring is full, claim() returns nullptr and the worker counts a lost event: an event never
// delays a packet.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>

#include "event/record.hpp"

namespace minerwall::event {

template <typename Slot>
class SlotRing {
  public:
    // Control plane (allocates; may throw std::bad_alloc). `slots` is rounded up to a power of two.
    explicit SlotRing(std::size_t slots)
        : mask_(std::bit_ceil(slots < 2 ? std::size_t{2} : slots) - 1),
          slots_(std::make_unique<Slot[]>(mask_ + 1)) {}

    // Producer. The next free slot, or nullptr when the ring is full. Claiming again without
    // publish() gives the same slot.
    Slot* claim() noexcept {
        const std::size_t head = head_.load(std::memory_order_relaxed);
        if (head - tail_seen_ > mask_) {
            tail_seen_ = tail_.load(std::memory_order_acquire);
            if (head - tail_seen_ > mask_) {
                return nullptr;
            }
        }
        return &slots_[head & mask_];
    }
    // Producer. Less than a quarter of the slots is free: what matters least has to wait.
    bool is_nearly_full() noexcept {
        const std::size_t head = head_.load(std::memory_order_relaxed);
        if (head - tail_seen_ > mask_ / 4 * 3) {
            tail_seen_ = tail_.load(std::memory_order_acquire);
        }
        return head - tail_seen_ > mask_ / 4 * 3;
    }
    void publish() noexcept {
        head_.store(head_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    }

    // Consumer. The oldest published slot, or nullptr when there is none; it stays valid and
    // unchanged until release().
    const Slot* peek() noexcept {
        const std::size_t tail = tail_.load(std::memory_order_relaxed);
        if (tail == head_seen_) {
            head_seen_ = head_.load(std::memory_order_acquire);
            if (tail == head_seen_) {
                return nullptr;
            }
        }
        return &slots_[tail & mask_];
    }
    void release() noexcept {
        tail_.store(tail_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    }

    // Any thread: a level for metrics, possibly outdated when it is read.
    std::size_t level() const noexcept {
        const std::size_t tail = tail_.load(std::memory_order_acquire);
        return head_.load(std::memory_order_acquire) - tail;
    }
    std::size_t capacity() const noexcept { return mask_ + 1; }

  private:
    // One cache line per side: its own index and its copy of the other side's. The sides share
    // none.
    static constexpr std::size_t kLine = 64;
    const std::size_t mask_;
    const std::unique_ptr<Slot[]> slots_;
    alignas(kLine) std::atomic<std::size_t> head_{0};
    std::size_t tail_seen_ = 0;
    alignas(kLine) std::atomic<std::size_t> tail_{0};
    std::size_t head_seen_ = 0;
    char pad_[kLine - 2 * sizeof(std::size_t)] = {};
};

using Ring = SlotRing<Record>;

}  // namespace minerwall::event

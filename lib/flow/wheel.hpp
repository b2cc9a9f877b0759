// Timer wheel over flows (Varghese, Lauck 1987, scheme 6): a slot lists the flows whose deadline
// falls into one tick. Lazy: a packet only writes the flow's last_seen. When the slot is due, the
// wheel moves a flow that was seen since to its new deadline. So the path moves a flow only if its
// timeout shrinks (a closed connection).
#pragma once

#include <array>
#include <cstdint>

#include "flow/flow.hpp"

namespace minerwall::flow {

class Wheel {
  public:
    static constexpr unsigned kSlots = 4096;
    static constexpr std::uint32_t kTickMs = 128;  // one turn: 524 s; longer timeouts go round

    Wheel() noexcept { head_.fill(kNone); }

    void insert(FlowDetails* flows, std::uint32_t id, std::uint32_t deadline_ms) noexcept;
    void remove(FlowDetails* flows, std::uint32_t id) noexcept;

    // Hands out flows whose slot is due, at most `budget`, each already unlinked. visit(id) must
    // either re-insert or forget the flow. Returns how many were handed out.
    template <typename Visit>
    unsigned advance(FlowDetails* flows, std::uint32_t now_ms, unsigned budget,
                     Visit&& visit) noexcept {
        const std::uint32_t now_tick = now_ms / kTickMs;
        if (ticks_between(tick_, now_tick) > static_cast<std::int32_t>(kSlots)) {
            tick_ = now_tick - kSlots;  // after a long silence, serving every slot once is enough
        }
        unsigned visited = 0;
        while (ticks_between(tick_, now_tick) > 0) {
            const unsigned slot = tick_ % kSlots;
            // A re-inserted flow lands at least one tick ahead of `now`, so never in this slot
            // unless it is a whole turn away. The loop takes the old list from its head.
            while (head_[slot] != kNone) {
                if (visited == budget) {
                    return visited;
                }
                const std::uint32_t id = head_[slot];
                remove(flows, id);
                ++visited;
                visit(id);
            }
            ++tick_;
        }
        return visited;
    }

    void start_at(std::uint32_t now_ms) noexcept { tick_ = now_ms / kTickMs; }

  private:
    // Milliseconds wrap at 2^32, so ticks of 2^7 ms wrap at 2^25: compute the difference modulo
    // that.
    static std::int32_t ticks_between(std::uint32_t from, std::uint32_t to) noexcept {
        static_assert(kTickMs == 128 && (1u << 25) % kSlots == 0);
        return static_cast<std::int32_t>((to - from) << 7) >> 7;
    }

    std::array<std::uint32_t, kSlots> head_;
    std::uint32_t tick_ = 0;  // the next tick to serve
};

}  // namespace minerwall::flow

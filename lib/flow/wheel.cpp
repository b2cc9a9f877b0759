#include "flow/wheel.hpp"

#include <algorithm>

namespace minerwall::flow {

void Wheel::insert(FlowDetails* flows, std::uint32_t id, std::uint32_t deadline_ms) noexcept {
    // Rounded up, so that a flow never ends early. Never behind the hand or a full turn ahead.
    const std::int32_t ahead = ticks_between(tick_, deadline_ms / kTickMs + 1);
    const unsigned steps = static_cast<unsigned>(std::clamp<std::int32_t>(ahead, 1, kSlots - 1));
    const auto slot = static_cast<std::uint16_t>((tick_ + steps) % kSlots);
    FlowDetails& flow = flows[id];
    flow.wheel_slot = slot;
    flow.wheel_prev = kNone;
    flow.wheel_next = head_[slot];
    if (head_[slot] != kNone) {
        flows[head_[slot]].wheel_prev = id;
    }
    head_[slot] = id;
}

void Wheel::remove(FlowDetails* flows, std::uint32_t id) noexcept {
    FlowDetails& flow = flows[id];
    if (flow.wheel_prev != kNone) {
        flows[flow.wheel_prev].wheel_next = flow.wheel_next;
    } else {
        head_[flow.wheel_slot] = flow.wheel_next;
    }
    if (flow.wheel_next != kNone) {
        flows[flow.wheel_next].wheel_prev = flow.wheel_prev;
    }
    flow.wheel_next = flow.wheel_prev = kNone;
}

}  // namespace minerwall::flow

// What it costs to lose a flow when the table is full. docs/adr/0017-fairness.md gives the reasons.
#pragma once

#include "base/action.hpp"
#include "flow/flow.hpp"
#include "packet/headers.hpp"

namespace minerwall::flow {

// The cheapest first.
enum class Worth : std::uint8_t {
    unanswered,  // the other end never answered, or a TCP connection did not open
    brief,       // over, a question and its answer, or one direction of a longer exchange
    open,        // a living connection: its next packet enters it again, joined midway
    needed,      // it is read, or it is cut: what was read or decided would be lost
};
inline constexpr unsigned kWorths = 4;

inline Worth worth_of(const Flow& flow) noexcept {
    // A sender that nobody answers can pay for more packets, and then looks like a connection whose
    // answers take another way.
    constexpr std::uint32_t kFew = 4;
    constexpr std::uint32_t kExchange = 8;
    const bool heard = flow.packets[0] != 0 && flow.packets[1] != 0;
    const std::uint64_t packets = std::uint64_t{flow.packets[0]} + flow.packets[1];
    if (flow.key.ip_proto == packet::kProtoTcp) {
        if (flow.state == FlowState::fresh) {
            return packets < kFew ? Worth::unanswered : Worth::brief;
        }
        if (flow.inspection != kNone || (flow.has(Flow::enforced) && blocks(flow.verdict))) {
            return Worth::needed;
        }
        return flow.state == FlowState::closed ? Worth::brief : Worth::open;
    }
    if (!heard) {
        return packets < kFew ? Worth::unanswered : Worth::brief;
    }
    return packets < kExchange ? Worth::brief : Worth::open;
}

}  // namespace minerwall::flow

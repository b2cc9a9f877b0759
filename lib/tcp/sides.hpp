// At which end of the wire each end of a flow lives. A host at one end can forge packets in the
// other's name, but they do not come in at the other's end of the wire. So what a packet says as a
// receiver (acknowledgement, window, reset) is believed only from the right end.
#pragma once

#include <utility>

#include "flow/flow.hpp"

namespace minerwall::tcp {

enum class Side : std::uint8_t {
    right,    // the peer lives at the other end of the wire, and was seen only there
    wrong,    // the sender was seen at the other end, and its peer only at this one
    unknown,  // the peer was not seen yet, or was seen at both ends
};

struct Sides {
    Side side = Side::unknown;
    bool peer_heard = false;  // we believe what the peer says from the other end, and it has spoken
};

// The flow's ends were noted from forged packets, so its numbers and roles are theirs, too. Without
// half streams, both directions are read anew.
inline void forget_ends(flow::Flow& flow) noexcept {
    using flow::Flow;
    flow.flags &= ~std::uint32_t{Flow::ends | Flow::low_strayed | Flow::high_strayed};
    if (flow.inspection == flow::kNone) {
        flow.flags &=
            ~std::uint32_t{Flow::started | Flow::sequence_known_0 | Flow::sequence_known_1 |
                           Flow::settled_0 | Flow::settled_1 | Flow::jumped_0 | Flow::jumped_1};
    }
}

// Notes that a packet came in, and returns its side. second: it came in at the wire's second end.
inline Sides note_sides(flow::Flow& flow, bool sender_is_low, bool second) noexcept {
    constexpr unsigned kLow = flow::Flow::low_at_first | flow::Flow::low_at_second;
    constexpr unsigned kFirst = flow::Flow::low_at_first | flow::Flow::high_at_first;
    const unsigned here = second ? ~kFirst : kFirst;
    const unsigned sender = sender_is_low ? kLow : ~kLow;
    const unsigned seen = flow.flags & flow::Flow::ends;
    const bool peer_here = (seen & here & ~sender) != 0;
    const bool peer_there = (seen & ~here & ~sender) != 0;
    const bool sender_there = (seen & ~here & sender) != 0;
    Sides out;
    out.peer_heard = peer_there && !sender_there;
    if (peer_there && !peer_here) {
        out.side = Side::right;
    } else if (sender_there && peer_here && !peer_there) {
        // A forged packet would hide where its sender lives, so it is not noted. But whoever sends
        // from one end cannot forge both names: if both stray, what was noted first was forged.
        const auto [own, other] =
            sender_is_low ? std::pair(flow::Flow::low_strayed, flow::Flow::high_strayed)
                          : std::pair(flow::Flow::high_strayed, flow::Flow::low_strayed);
        if (!flow.has(other)) {
            out.side = Side::wrong;
            flow.set(own);
            return out;
        }
        forget_ends(flow);
        out.peer_heard = false;
    }
    constexpr std::uint32_t kStrayed = flow::Flow::low_strayed | flow::Flow::high_strayed;
    if (out.side == Side::right && (flow.flags & kStrayed) != 0) [[unlikely]] {
        flow.flags &= ~kStrayed;
    }
    flow.flags |= here & sender & flow::Flow::ends;
    return out;
}

}  // namespace minerwall::tcp

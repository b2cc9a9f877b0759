// What of TCP a wire needs: who opened the connection, which byte comes next in each direction, and
// whether it is over (RFC 9293, 3.3.2 seen from the middle).
//
// The stream as the receiver sees it (out-of-order bytes, overlaps, windows, PAWS) is judged by the
// next floor's stream work; this is its place: update() sees every segment of a flow in wire order
// before its payload is looked at.
#pragma once

#include "flow/flow.hpp"
#include "packet/headers.hpp"

namespace minerwall::flow {

// A SYN for a connection that is over, or that we cut: the same ports are used again and everything
// known of the old connection is void.
inline bool opens_anew(const Flow& flow, const packet::Frame& frame) noexcept {
    const bool syn = (frame.tcp_flags & (packet::kTcpSyn | packet::kTcpAck)) == packet::kTcpSyn;
    if (!syn || (flow.state != FlowState::closed && flow.resets_sent == 0)) {
        return false;
    }
    // The same SYN once more, because our answer to it got lost: the same attempt.
    return flow.packets[1] != 0 || !flow.has(Flow::sequence_known_0) ||
           flow.next_sequence[0] != frame.tcp_seq + 1;
}

// Roles of a flow's first packet: true where its sender is the client. A SYN says so itself;
// without one (mid-stream, UDP) the end with the service-like port is taken for the server, and
// what the payload says later may turn it round.
inline bool sender_is_client(const packet::Frame& frame) noexcept {
    if (!frame.has_ports()) {
        return true;
    }
    if (frame.is_tcp() && (frame.tcp_flags & packet::kTcpSyn) != 0) {
        return (frame.tcp_flags & packet::kTcpAck) == 0;
    }
    constexpr std::uint16_t kWellKnown = 1024;   // RFC 6335, 6
    constexpr std::uint16_t kEphemeral = 32768;  // Linux and BSD start their dynamic ports here
    for (const std::uint16_t border : {kWellKnown, kEphemeral}) {
        if ((frame.src_port < border) != (frame.dst_port < border)) {
            return frame.dst_port < border;
        }
    }
    return true;
}

// Sequence number of the first payload byte: a SYN takes one number before it.
inline std::uint32_t payload_sequence(const packet::Frame& frame) noexcept {
    return frame.tcp_seq + ((frame.tcp_flags & packet::kTcpSyn) != 0 ? 1u : 0u);
}

// True where the flow's timeout shrank (it is to be rescheduled).
inline bool update_tcp(Flow& flow, Direction direction, const packet::Frame& frame) noexcept {
    const FlowState before = flow.state;
    const std::uint8_t bits = frame.tcp_flags;
    if ((bits & packet::kTcpRst) != 0) {
        flow.set(Flow::reset_seen);
        flow.state = FlowState::closed;
    } else if ((bits & packet::kTcpSyn) != 0) {
        // Inside a connection a SYN is answered with a challenge and ignored (RFC 5961, 4.2): its
        // number must not lead the inspection astray.
        if (flow.state == FlowState::fresh) {
            flow.set(Flow::started);
            flow.set(Flow::sequence_known(direction));
            flow.next_sequence[index(direction)] = frame.tcp_seq + 1;
        }
    } else {
        if (flow.state == FlowState::fresh && flow.packets[0] != 0 && flow.packets[1] != 0) {
            flow.state = FlowState::established;
        }
        if ((bits & packet::kTcpFin) != 0) {
            flow.set(direction == Direction::to_server ? Flow::fin_0 : Flow::fin_1);
            if (flow.has(Flow::fin_0) && flow.has(Flow::fin_1)) {
                flow.state = FlowState::closed;
            }
        }
    }
    return flow.state == FlowState::closed && before != FlowState::closed;
}

// Where a segment's payload lies in the direction's stream.
struct Slice {
    std::uint32_t skip = 0;    // leading bytes that were seen before
    std::uint32_t length = 0;  // new bytes behind them
    bool gap = false;          // bytes before it are missing: what follows starts afresh
    bool first = false;        // the direction's first bytes, and no SYN was seen
};

// No window is so full of lost or repeated bytes: a distance beyond this is another connection on
// the same ports whose opening was not seen, or somebody's attempt to lead the inspection astray.
inline constexpr std::int32_t kPlausibleDistance = 1 << 20;

inline bool is_jump(const Flow& flow, Direction direction, std::uint32_t sequence) noexcept {
    const auto distance =
        static_cast<std::int32_t>(sequence - flow.next_sequence[index(direction)]);
    return flow.has(Flow::sequence_known(direction)) &&
           (distance > kPlausibleDistance || distance < -kPlausibleDistance);
}

// Cuts the payload to what is new and moves the direction's next sequence number behind it.
inline Slice take_slice(Flow& flow, Direction direction, std::uint32_t sequence,
                        std::uint32_t length) noexcept {
    std::uint32_t& next = flow.next_sequence[index(direction)];
    if (!flow.has(Flow::sequence_known(direction))) {
        flow.set(Flow::sequence_known(direction));
        next = sequence + length;
        return {0, length, false, true};
    }
    const auto distance = static_cast<std::int32_t>(sequence - next);
    if (distance > 0 || distance < -kPlausibleDistance) {
        next = sequence + length;
        return {0, length, true, false};
    }
    const std::uint32_t seen = static_cast<std::uint32_t>(-distance);
    if (seen >= length) {
        return {length, 0, false, false};
    }
    next = sequence + length;
    return {seen, length - seen, false, false};
}

}  // namespace minerwall::flow

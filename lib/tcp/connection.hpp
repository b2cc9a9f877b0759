// What a flow that is not under inspection keeps of TCP: who opened the connection, which byte
// comes next in each direction, and whether it is over (RFC 9293, 3.3.2, seen from the middle). For
// a direction under inspection, HalfStream says what the receiver reads.
#pragma once

#include "flow/flow.hpp"
#include "packet/headers.hpp"
#include "tcp/options.hpp"

namespace minerwall::tcp {

// Roles of a flow's first packet: true if its sender is the client. A SYN says so itself. Without
// one (midway, UDP) the end with the service-like port is taken for the server, and the payload may
// correct the roles later.
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

// Sequence number of the urgent byte: all stacks point behind it, and read a zero as a one (RFC
// 6093, 3.1).
inline std::uint32_t urgent_sequence(const packet::Frame& frame, std::uint16_t pointer) noexcept {
    return payload_sequence(frame) + (pointer == 0 ? 0u : pointer - 1u);
}

// The flow keeps the numbers for the resets that we send, and to tell a new connection on its ports
// from the old one. A larger distance than this means another connection.
inline constexpr std::int32_t kPlausibleDistance = 1 << 20;
// A retransmission may lie this far back: the bytes in flight on a long fat pipe.
inline constexpr std::int32_t kInFlight = 1 << 24;

inline bool is_jump(const flow::Flow& flow, flow::Direction direction,
                    std::uint32_t sequence) noexcept {
    const auto distance =
        static_cast<std::int32_t>(sequence - flow.next_sequence[index(direction)]);
    return flow.has(flow::Flow::sequence_known(direction)) &&
           (distance > kPlausibleDistance || distance < -kInFlight);
}

// Moves the direction's next byte behind a segment that inspection does not read.
inline void pass_over(flow::Flow& flow, flow::Direction direction, std::uint32_t sequence,
                      std::uint32_t length) noexcept {
    std::uint32_t& next = flow.next_sequence[index(direction)];
    const std::uint32_t end = sequence + length;
    if (!flow.has(flow::Flow::sequence_known(direction)) || is_jump(flow, direction, sequence) ||
        static_cast<std::int32_t>(end - next) > 0) {
        flow.set(flow::Flow::sequence_known(direction));
        next = end;
    }
}

// True for a SYN on a connection that is over, or that we cut: its ports are used again.
inline bool opens_anew(const flow::Flow& flow, const packet::Frame& frame) noexcept {
    const bool syn = (frame.tcp_flags & (packet::kTcpSyn | packet::kTcpAck)) == packet::kTcpSyn;
    if (!syn || (flow.state != flow::FlowState::closed && flow.resets_sent == 0)) {
        return false;
    }
    // The same SYN once more, because the answer to it was lost: the same attempt.
    return flow.packets[1] != 0 || !flow.has(flow::Flow::sequence_known_0) ||
           flow.next_sequence[0] != frame.tcp_seq + 1;
}

// True for a SYN+ACK whose numbers are not this connection's. From the server's end of the wire it
// proves that the server forgot the old connection: only then does it answer a SYN (RFC 5961, 4.2).
// While the connection opens, it proves nothing: it decides which of several SYNs counts.
inline bool answers_anew(const flow::Flow& flow, flow::Direction direction,
                         const packet::Frame& frame) noexcept {
    constexpr std::uint8_t kSynAck = packet::kTcpSyn | packet::kTcpAck;
    if ((frame.tcp_flags & (kSynAck | packet::kTcpRst)) != kSynAck) {
        return false;
    }
    if (flow.state == flow::FlowState::fresh) {
        return false;
    }
    // The answer to this connection's SYN, repeated: few bytes were sent since.
    constexpr std::uint32_t kLittle = 1 << 16;
    const auto is_ours = [&](flow::Direction d, std::uint32_t number) {
        return !flow.has(flow::Flow::sequence_known(d)) ||
               flow.next_sequence[index(d)] - number <= kLittle;
    };
    return !is_ours(direction, frame.tcp_seq + 1) || !is_ours(opposite(direction), frame.tcp_ack);
}

// Window scales of a connection's two SYNs, in one byte. A SYN's nibble is 0 if the SYN was not
// seen, 1 if it had no option, else the shift plus two. RFC 7323, 2.2: the scales are in force only
// if both SYNs have the option.
class WindowScales {
  public:
    WindowScales() = default;
    explicit WindowScales(std::uint8_t bits) noexcept : bits_(bits) {}
    std::uint8_t bits() const noexcept { return bits_; }

    void note(flow::Direction sender, const TcpOptions& options) noexcept {
        // A nibble cannot tell the two largest shifts apart; the larger one is the safe one.
        const unsigned code = !options.has_scale   ? 1u
                              : options.scale > 12 ? 15u
                                                   : options.scale + 2u;
        const unsigned at = 4 * index(sender);
        // Of several SYNs keep the widest scale: we do not know which one counts.
        if (code > (bits_ >> at & 0xf)) {
            bits_ = static_cast<std::uint8_t>((bits_ & ~(0xfu << at)) | code << at);
        }
    }
    // Both SYNs were seen.
    bool are_known() const noexcept { return (bits_ & 0xf) != 0 && (bits_ & 0xf0) != 0; }
    // An upper bound if a SYN was not seen.
    unsigned shift(flow::Direction sender) const noexcept {
        const unsigned own = bits_ >> 4 * index(sender) & 0xf;
        const unsigned other = bits_ >> 4 * index(opposite(sender)) & 0xf;
        return own == 1 || other == 1 ? 0 : own == 0 || own == 15 ? 14 : own - 2;
    }

  private:
    std::uint8_t bits_ = 0;
};

// Both ends have sent more than the segments that open the connection.
inline void note_established(flow::Flow& flow, const packet::Frame& frame) noexcept {
    if (flow.state == flow::FlowState::fresh && (frame.tcp_flags & packet::kTcpSyn) == 0 &&
        flow.packets[0] != 0 && flow.packets[1] != 0) {
        flow.state = flow::FlowState::established;
    }
}

// A SYN of a connection that opens: it says where its sender's bytes begin. Inside a connection the
// receiver answers a SYN with a challenge ACK and ignores it (RFC 5961, 4.2).
inline void note_syn(flow::Flow& flow, flow::Direction direction,
                     const packet::Frame& frame) noexcept {
    flow.set(flow::Flow::started);
    flow.set(flow::Flow::sequence_known(direction));
    flow.next_sequence[index(direction)] = frame.tcp_seq + 1;
}

inline void note_fin(flow::Flow& flow, flow::Direction direction) noexcept {
    flow.set(direction == flow::Direction::to_server ? flow::Flow::fin_0 : flow::Flow::fin_1);
    if (flow.has(flow::Flow::fin_0) && flow.has(flow::Flow::fin_1)) {
        flow.state = flow::FlowState::closed;
    }
}

inline void note_reset(flow::Flow& flow) noexcept {
    flow.set(flow::Flow::reset_seen);
    flow.state = flow::FlowState::closed;
}

}  // namespace minerwall::tcp

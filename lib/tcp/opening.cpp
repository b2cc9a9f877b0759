// SYNs and resets: how a connection begins, is replaced, and is torn down.
#include "tcp/tracker.hpp"
#include "tcp/window.hpp"

namespace minerwall::tcp {

using flow::Direction;
using flow::Flow;
using flow::FlowState;

Did Tracker::reset(Flow& flow, const Segment& segment) noexcept {
    if (segment.sides.side == Side::wrong) {
        return Did::ignored;
    }
    // The refusal of a SYN has no number of its own (RFC 9293, 3.10.7.3).
    const packet::Frame& frame = segment.frame;
    const Direction other = opposite(segment.direction);
    const bool refusal = flow.state == FlowState::fresh && segment.has(packet::kTcpAck) &&
                         flow.has(Flow::sequence_known(other)) &&
                         frame.tcp_ack == flow.next_sequence[index(other)];
    const bool obeyed = flow.inspection == flow::kNone
                            ? is_in_window(flow, segment.direction, frame.tcp_seq)
                            : obeys_reset(flow, segment.direction, frame.tcp_seq);
    if (!refusal && !obeyed) {
        return Did::ignored;
    }
    note_reset(flow);
    return Did::closed;
}

Did Tracker::synchronise(Flow& flow, const Segment& segment, const TcpOptions& options) noexcept {
    const packet::Frame& frame = segment.frame;
    const Direction direction = segment.direction;
    const Direction other = opposite(direction);
    const Side side = segment.sides.side;
    const auto refuse = [&] {
        note_refused_syn(flow, direction, frame.tcp_seq);
        // We cannot know whether the receiver takes this SYN or keeps to what it has. The sender
        // repeats it without data if it gets no answer (RFC 7413, 4.1.3).
        return segment.has_payload() ? Did::conflict : Did::ignored;
    };
    if (flow.state != FlowState::fresh || side == Side::wrong) {
        return refuse();
    }
    // Both numbers are known, so the other end has answered. A SYN with another number is forged,
    // with one exception: it is that answer from its own end, and the known number was forged.
    if (flow.has(Flow::sequence_known(direction)) && flow.has(Flow::sequence_known(other)) &&
        !has_read(flow, direction) && flow.next_sequence[index(direction)] != frame.tcp_seq + 1) {
        const bool answer = direction == Direction::to_client && side == Side::right &&
                            segment.has(packet::kTcpAck) &&
                            may_acknowledge(flow, other, frame.tcp_ack);
        if (!answer) {
            return refuse();
        }
    }
    if (!has_read(flow, direction)) {
        note_syn(flow, direction, frame);
    } else if (!began_at(flow, direction, frame.tcp_seq + 1)) {
        // Not the number of the SYN whose data was judged: the server may take either SYN.
        return began_in_syn(flow, direction) ? Did::conflict : refuse();
    }
    note_scale(flow, direction, options);
    note_window(flow, direction, frame, {});
    // The server's answer decides which of several SYNs counts.
    if (side == Side::right && segment.has(packet::kTcpAck) && !has_read(flow, other)) {
        flow.set(Flow::sequence_known(other));
        flow.next_sequence[index(other)] = frame.tcp_ack;
    }
    return Did::opened;
}

// While the old connection is read, a SYN alone does not end it: the server may never get it. The
// answer to the SYN, from the server's end of the wire, ends it.
Tracker::Replaces Tracker::replacement(const Flow& flow, const packet::Frame& frame,
                                       Direction direction) const noexcept {
    const auto when = [](bool holds) { return holds ? Replaces::yes : Replaces::no; };
    if (opens_anew(flow, frame)) {
        return when(flow.inspection == flow::kNone || flow.packets[1] == 0);
    }
    if ((frame.tcp_flags & packet::kTcpAck) == 0) {
        // The server was never heard: its packets do not pass here, so we will not see its answer.
        // The old connection has sent its bytes already.
        return when(flow.state == FlowState::fresh && flow.packets[1] == 0 &&
                    direction == Direction::to_server && has_read(flow, direction) &&
                    !began_in_syn(flow, direction));
    }
    // The same if only the server's packets pass here.
    if (flow.state == FlowState::fresh && flow.packets[0] == 0 &&
        direction == Direction::to_client && has_read(flow, direction) &&
        !began_at(flow, direction, frame.tcp_seq + 1)) {
        return Replaces::yes;
    }
    // The end that opened the connection does not answer a SYN on it. A SYN+ACK from there is a
    // decoy: it would swap the roles, and the rest would look like a stream joined midway.
    if (flow.has(Flow::started) && direction == Direction::to_server) {
        return Replaces::no;
    }
    const bool anew = flow.state == FlowState::fresh
                          ? !may_acknowledge(flow, opposite(direction), frame.tcp_ack)
                          : answers_anew(flow, direction, frame);
    return anew ? Replaces::if_from_right_end : Replaces::no;
}

// A connection that is read does not end by a lone SYN+ACK of the server, because the client
// ignores it.
bool Tracker::was_asked(const Flow& flow, const packet::Frame& frame,
                        Direction direction) const noexcept {
    const Direction other = opposite(direction);
    return flow.inspection == flow::kNone || flow.packets[index(other)] == 0 ||
           refused_syn(flow, other, frame.tcp_ack - 1);
}

}  // namespace minerwall::tcp

// Tracker::segment(), the one entry for a segment. The stage that calls it includes this file.
//
// The order matters: what a segment says as a receiver counts before its bytes, its urgent pointer
// before its payload, and its timestamp and FIN after both.
#pragma once

#include "tcp/tracker.hpp"
#include "tcp/window.hpp"

namespace minerwall::tcp {

template <typename Reader>
Did Tracker::segment(flow::Flow& flow, Segment& segment, Reader& reader) noexcept {
    using flow::Flow;
    constexpr std::uint8_t kControl =
        packet::kTcpSyn | packet::kTcpFin | packet::kTcpRst | packet::kTcpUrg;
    const packet::Frame& frame = segment.frame;
    const flow::Direction direction = segment.direction;
    segment.expected =
        flow.has(Flow::sequence_known(direction)) ? expected(flow, direction) : frame.tcp_seq;
    if (!segment.has(kControl) && (segment.cut || flow.inspection == flow::kNone)) {
        // A sender that guesses the numbers did not hear its peer.
        if (flow.state == flow::FlowState::fresh && segment.sides.side != Side::wrong &&
            fits(flow, direction, frame)) {
            note_established(flow, frame);
        }
        if (segment.cut) {
            return Did::nothing;
        }
        if (!segment.has_payload()) {
            listen(flow, segment, reader);
            return Did::nothing;
        }
        if (flow.has(Flow::jumped(opposite(direction)))) [[unlikely]] {
            listen(flow, segment, reader);
        }
        if (!is_believed(flow, segment, reader)) {
            counters_.stream_ignored_segments.add();
            return Did::ignored;
        }
        if (flow.has(Flow::settled(direction)) && !reader.reads_again()) {
            step_over(flow, direction, frame.tcp_seq + frame.payload_length);
            return Did::nothing;
        }
    }
    // Reading a packet that its receiver never takes would lead the inspection astray.
    if (!reader.accepts()) {
        return Did::ignored;
    }
    if (segment.cut) {
        if (segment.has(packet::kTcpRst)) {
            note_reset(flow);
        } else if (segment.has(packet::kTcpFin)) {
            tcp::note_fin(flow, direction);
        }
        return Did::nothing;
    }
    const Did did = follow(flow, segment, reader);
    if (flow.state == flow::FlowState::closed) {
        is_torn(flow) ? flow.set(Flow::torn) : flow.clear(Flow::torn);
    }
    return did;
}

// What a segment of a flow without half streams says of its sender as a receiver; those without
// payload say it often enough. If it acknowledges bytes that seemed too far away, both ends go on
// with them: they may belong to another stream, so the direction is read anew.
template <typename Reader>
void Tracker::listen(flow::Flow& flow, const Segment& segment, Reader& reader) noexcept {
    using flow::Flow;
    if (segment.sides.side == Side::wrong || !segment.has(packet::kTcpAck)) {
        return;
    }
    const flow::Direction heard = opposite(segment.direction);
    const std::uint32_t ack = segment.frame.tcp_ack;
    if (is_in_window(flow, heard, ack)) {
        note_window(flow, segment.direction, segment.frame, WindowScales(flow.window_scales));
        return;
    }
    if (!flow.has(Flow::jumped(heard)) || segment.sides.side != Side::right) {
        return;
    }
    const std::uint32_t distance = ack - reader.jump(heard);
    if (distance == 0 || distance > window_of(flow, heard)) {
        return;
    }
    flow.clear(Flow::jumped(heard));
    flow.clear(Flow::settled(heard));
    flow.clear(Flow::started);
    flow.next_sequence[index(heard)] = ack;
}

// Whether a segment with payload of a flow without half streams counts. If it does not, it changes
// nothing of the flow.
template <typename Reader>
bool Tracker::is_believed(flow::Flow& flow, const Segment& segment, Reader& reader) noexcept {
    using flow::Flow;
    const flow::Direction direction = segment.direction;
    if (segment.sides.side == Side::wrong) {
        return false;  // it travels away from its receiver
    }
    if (fits(flow, direction, segment.frame)) [[likely]] {
        return true;
    }
    const std::uint32_t sequence = payload_sequence(segment.frame);
    if (flow.packets[index(opposite(direction))] == 0) {
        // The receiver's packets do not pass here, so nobody can confirm the jump.
        if (is_jump(flow, direction, sequence)) {
            flow.clear(Flow::settled(direction));
            flow.clear(Flow::sequence_known(direction));
            flow.clear(Flow::started);
        }
        return segment.has(packet::kTcpAck);
    }
    std::uint32_t& jump = reader.jump(direction);
    // Of a run of segments the first counts: the receiver acknowledges it first.
    if (!flow.has(Flow::jumped(direction)) || sequence - jump > window_of(flow, direction)) {
        flow.set(Flow::jumped(direction));
        jump = sequence;
    }
    return false;
}

template <typename Reader>
Did Tracker::follow(flow::Flow& flow, Segment& segment, Reader& reader) noexcept {
    using flow::Flow;
    const packet::Frame& frame = segment.frame;
    const flow::Direction direction = segment.direction;
    const Side side = segment.sides.side;
    if (segment.has(packet::kTcpRst)) {
        return reset(flow, segment);
    }
    TcpOptions options;
    if (segment.has(packet::kTcpSyn) || flow.inspection != flow::kNone ||
        !flow.has(Flow::settled(direction))) {
        options = reader.options();
    }
    if (segment.has(packet::kTcpSyn)) {
        if (const Did did = synchronise(flow, segment, options); did != Did::opened) {
            return did;
        }
    } else if (flow.inspection == flow::kNone && !is_believed(flow, segment, reader)) {
        counters_.stream_ignored_segments.add();
        return Did::ignored;
    }
    note_established(flow, frame);
    if (side == Side::right && segment.has(packet::kTcpAck) && is_near(flow, segment) &&
        !is_discarded(flow, direction, frame, options)) {
        hear(flow, direction, frame, options);
        reader.heard();
    }
    if (segment.has(packet::kTcpUrg) && side != Side::wrong && !reader.takes_urgent()) {
        return Did::conflict;
    }
    const Did did = bring(flow, segment, options, reader);
    if (did == Did::ignored) {
        return did;
    }
    if (side != Side::wrong) {
        note_timestamp(flow, direction, options);
        if (segment.has(packet::kTcpFin)) {
            tcp::note_fin(flow, direction);
            note_fin(flow, direction, payload_sequence(frame) + frame.payload_length);
        }
    }
    if (did != Did::nothing) {
        return did;
    }
    return flow.state == flow::FlowState::closed ? Did::closed
           : segment.has(packet::kTcpSyn)        ? Did::opened
                                                 : Did::nothing;
}

// The segment's payload, and held bytes that the receiver has by now.
template <typename Reader>
Did Tracker::bring(flow::Flow& flow, Segment& segment, const TcpOptions& options,
                   Reader& reader) noexcept {
    using flow::Flow;
    const packet::Frame& frame = segment.frame;
    const flow::Direction direction = segment.direction;
    const bool unread = flow.has(Flow::settled(direction));
    const std::uint32_t sequence = payload_sequence(frame);
    if (segment.has_payload() && flow.inspection == flow::kNone && unread) {
        pass_over(flow, direction, sequence, frame.payload_length);
        return Did::nothing;
    }
    if (!segment.has_payload() && !is_behind(flow, direction)) {
        return Did::nothing;
    }
    if (is_discarded(flow, direction, frame, options)) {
        counters_.stream_ignored_segments.add();
        return Did::ignored;
    }
    if (segment.sides.side == Side::wrong ||
        (unread && segment.has_payload() && !fits(flow, direction, frame))) {
        counters_.stream_ignored_segments.add();
        return Did::ignored;
    }
    // One direction may be settled while the other has not spoken, or is guarded.
    if (unread && segment.has_payload() && reader.reads_again()) {
        reader.resume();
    }
    if (segment.has_payload() && flow.has(Flow::sequence_known(direction))) {
        believe(flow, direction, sequence);
        if (flow.has(Flow::sequence_known(direction))) {
            segment.expected = expected(flow, direction);
        }
    }
    return reader.read();
}

}  // namespace minerwall::tcp

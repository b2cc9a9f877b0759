// What TCP's headers say of the connections that are read, and what is asked about these.
#include "inspect/inspector.hpp"

namespace minerwall::inspect {

using flow::Direction;
using flow::Flow;

void Inspector::hear(Flow& flow, Direction speaker, const packet::Frame& frame,
                     const tcp::TcpOptions& options) noexcept {
    if (flow.inspection == flow::kNone) {
        return;
    }
    Tracked& tracked = tracked_.at(flow.inspection);
    const Direction direction = opposite(speaker);
    const bool syn = (frame.tcp_flags & packet::kTcpSyn) != 0;
    tcp::Receipt receipt;
    receipt.ack = frame.tcp_ack;
    // The window of a SYN is never scaled (RFC 7323, 2.2).
    receipt.window = std::uint32_t{frame.tcp_window} << (syn ? 0 : tracked.scales.shift(speaker));
    receipt.has_echo = !syn && options.has_timestamps;
    receipt.echo = options.echo;
    tracked.half[index(direction)].hear(memory_, flow.next_sequence[index(direction)],
                                        flow.has(Flow::sequence_known(direction)), receipt);
    release_if_done(flow);
    count_memory();
}

bool Inspector::is_discarded(const Flow& flow, Direction direction, const packet::Frame& frame,
                             const tcp::TcpOptions& options) const noexcept {
    // RFC 9293, 3.10.7.4: without an ACK it is dropped; the data of a reset is nobody's.
    if ((frame.tcp_flags & (packet::kTcpAck | packet::kTcpSyn)) == 0 ||
        (frame.tcp_flags & packet::kTcpRst) != 0) {
        return true;
    }
    return flow.inspection != flow::kNone && options.has_timestamps &&
           tracked_.at(flow.inspection).half[index(direction)].is_stale(options.timestamp);
}

void Inspector::believe(Flow& flow, Direction direction, std::uint32_t sequence) noexcept {
    if (flow.inspection == flow::kNone) {
        return;
    }
    bool known = flow.has(Flow::sequence_known(direction));
    tracked_.at(flow.inspection)
        .half[index(direction)]
        .believe(memory_, flow.next_sequence[index(direction)], known, sequence);
    if (!known) {
        flow.clear(Flow::sequence_known(direction));
    }
}

void Inspector::note_refused_syn(Flow& flow, Direction direction, std::uint32_t sequence) noexcept {
    if (flow.inspection != flow::kNone) {
        Tracked& tracked = tracked_.at(flow.inspection);
        tracked.has_refused_syn[index(direction)] = true;
        tracked.refused_syn[index(direction)] = sequence;
    }
}

bool Inspector::refused_syn(const Flow& flow, Direction direction,
                            std::uint32_t sequence) const noexcept {
    return flow.inspection != flow::kNone &&
           tracked_.at(flow.inspection).has_refused_syn[index(direction)] &&
           tracked_.at(flow.inspection).refused_syn[index(direction)] == sequence;
}

void Inspector::note_timestamp(Flow& flow, Direction direction,
                               const tcp::TcpOptions& options) noexcept {
    if (flow.inspection != flow::kNone && options.has_timestamps) {
        tracked_.at(flow.inspection).half[index(direction)].note_timestamp(options.timestamp);
    }
}

void Inspector::note_fin(Flow& flow, Direction direction, std::uint32_t sequence) noexcept {
    if (flow.inspection != flow::kNone) {
        tracked_.at(flow.inspection).half[index(direction)].note_fin(sequence);
    }
}

bool Inspector::obeys_reset(const Flow& flow, Direction direction,
                            std::uint32_t sequence) const noexcept {
    return flow.inspection == flow::kNone ||
           tracked_.at(flow.inspection)
               .half[index(direction)]
               .obeys_reset(sequence, flow.next_sequence[index(direction)]);
}

std::uint32_t Inspector::expected(const Flow& flow, Direction direction) const noexcept {
    const std::uint32_t next = flow.next_sequence[index(direction)];
    return flow.inspection == flow::kNone
               ? next
               : tracked_.at(flow.inspection).half[index(direction)].expected(next);
}

bool Inspector::is_torn(const Flow& flow) const noexcept {
    return flow.inspection != flow::kNone && !flow.has(Flow::settled_0) &&
           tracked_.at(flow.inspection).last[index(Direction::to_server)] != '\n';
}

bool Inspector::has_read(const Flow& flow, Direction direction) const noexcept {
    return flow.inspection != flow::kNone &&
           tracked_.at(flow.inspection).has_begun[index(direction)];
}

bool Inspector::began_at(const Flow& flow, Direction direction,
                         std::uint32_t sequence) const noexcept {
    return has_read(flow, direction) &&
           tracked_.at(flow.inspection).began[index(direction)] == sequence;
}

bool Inspector::may_acknowledge(const Flow& flow, Direction direction,
                                std::uint32_t ack) const noexcept {
    if (!has_read(flow, direction)) {
        return true;
    }
    const std::uint32_t began = tracked_.at(flow.inspection).began[index(direction)];
    return ack - began <= flow.next_sequence[index(direction)] - began;
}

bool Inspector::began_in_syn(const Flow& flow, Direction direction) const noexcept {
    return has_read(flow, direction) && tracked_.at(flow.inspection).began_in_syn[index(direction)];
}

// Before a flow has a record, the scales are where a settled flow counts its segments.
void Inspector::note_scale(Flow& flow, Direction sender, const tcp::TcpOptions& options) noexcept {
    if (flow.inspection != flow::kNone) {
        tracked_.at(flow.inspection).scales.note(sender, options);
        return;
    }
    tcp::WindowScales scales(flow.unsampled);
    scales.note(sender, options);
    flow.unsampled = scales.bits();
}

}  // namespace minerwall::inspect

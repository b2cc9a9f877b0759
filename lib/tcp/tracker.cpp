#include "tcp/tracker.hpp"

#include <algorithm>

#include "tcp/window.hpp"

namespace minerwall::tcp {

using flow::Direction;
using flow::Flow;

namespace {

std::uint32_t pages_of(std::uint32_t kilobytes) noexcept {
    static_assert(StreamPage::kBytes == 1024);
    return std::max<std::uint32_t>(kilobytes, 1);
}

}  // namespace

Tracker::Tracker(std::uint32_t flows, const StreamOptions& options, WorkerCounters& counters)
    : streams_(flows),
      memory_(pages_of(options.memory_kb)),
      limits_{pages_of(options.flow_kb), options.drop_when_full},
      counters_(counters) {
    counters_.stream_memory_capacity.set(memory_.capacity());
}

bool Tracker::open(Flow& flow, Direction direction, const Sides& sides, bool whole,
                   flow::SourceId source) noexcept {
    const std::uint32_t id = streams_.take();
    if (id == flow::kNone) {
        return false;
    }
    flow.inspection = id;
    Streams& streams = streams_.at(id);
    streams.scales = whole ? WindowScales(flow.window_scales) : WindowScales();
    streams.source = source;
    flow.window_scales = 0;  // the half streams keep them from now on
    flow.unsampled &= 0xe0;  // the fruitless looks (path/resample.cpp) count on
    for (const Direction d : {Direction::to_server, Direction::to_client}) {
        HalfStream& half = streams.half[index(d)];
        streams.has_begun[index(d)] = streams.has_refused_syn[index(d)] = false;
        streams.last[index(d)] = '\n';
        // The handshake was seen at both ends: each end said what it expects.
        const bool said = d == direction ? sides.peer_heard : sides.side == Side::right;
        const bool opened = whole && said && flow.has(Flow::sequence_known(d));
        opened ? half.start_at(flow.next_sequence[index(d)]) : half.start();
    }
    return true;
}

void Tracker::close(Flow& flow) noexcept {
    flow.window_scales = streams_.at(flow.inspection).scales.bits();
    for (HalfStream& half : streams_.at(flow.inspection).half) {
        half.release(memory_);
    }
    streams_.give_back(flow.inspection);
    flow.inspection = flow::kNone;
    count_memory();
}

Arrival Tracker::arrive(Flow& flow, Direction direction, const packet::Frame& frame, bool settled,
                        std::span<const Bytes> pieces) noexcept {
    const std::uint32_t sequence = payload_sequence(frame);
    Streams& streams = streams_.at(flow.inspection);
    if (!streams.has_begun[index(direction)]) {
        streams.has_begun[index(direction)] = true;
        streams.began[index(direction)] = sequence;
        streams.began_in_syn[index(direction)] = (frame.tcp_flags & packet::kTcpSyn) != 0;
    }
    HalfStream& half = streams.half[index(direction)];
    if (settled && half.guard_is_stale()) {
        half.release(memory_);
    }
    bool known = flow.has(Flow::sequence_known(direction));
    StreamLimits limits = limits_;
    limits.source = streams.source;
    const Arrival arrival = half.arrive(memory_, limits, flow.next_sequence[index(direction)],
                                        known, settled, sequence, pieces);
    if (known) {
        flow.set(Flow::sequence_known(direction));
    }
    if (arrival.exhausted) {
        counters_.stream_memory_exhausted.add();
    }
    return arrival;
}

void Tracker::hear(Flow& flow, Direction speaker, const packet::Frame& frame,
                   const TcpOptions& options) noexcept {
    if (flow.inspection == flow::kNone) {
        return;
    }
    Streams& streams = streams_.at(flow.inspection);
    const Direction direction = opposite(speaker);
    const bool syn = (frame.tcp_flags & packet::kTcpSyn) != 0;
    Receipt receipt;
    receipt.ack = frame.tcp_ack;
    // The window of a SYN is never scaled (RFC 7323, 2.2).
    receipt.window = std::uint32_t{frame.tcp_window} << (syn ? 0 : streams.scales.shift(speaker));
    receipt.has_echo = !syn && options.has_timestamps;
    receipt.echo = options.echo;
    streams.half[index(direction)].hear(memory_, flow.next_sequence[index(direction)],
                                        flow.has(Flow::sequence_known(direction)), receipt);
    note_window(flow, speaker, frame, streams.scales);
    count_memory();
}

bool Tracker::is_discarded(const Flow& flow, Direction direction, const packet::Frame& frame,
                           const TcpOptions& options) const noexcept {
    // RFC 9293, 3.10.7.4: the receiver drops it without an ACK; no application reads a reset's
    // data.
    if ((frame.tcp_flags & (packet::kTcpAck | packet::kTcpSyn)) == 0 ||
        (frame.tcp_flags & packet::kTcpRst) != 0) {
        return true;
    }
    return flow.inspection != flow::kNone && options.has_timestamps &&
           streams_.at(flow.inspection).half[index(direction)].is_stale(options.timestamp);
}

void Tracker::believe(Flow& flow, Direction direction, std::uint32_t sequence) noexcept {
    if (flow.inspection == flow::kNone) {
        return;
    }
    bool known = flow.has(Flow::sequence_known(direction));
    streams_.at(flow.inspection)
        .half[index(direction)]
        .believe(memory_, flow.next_sequence[index(direction)], known, sequence);
    if (!known) {
        flow.clear(Flow::sequence_known(direction));
    }
}

void Tracker::note_refused_syn(Flow& flow, Direction direction, std::uint32_t sequence) noexcept {
    if (flow.inspection != flow::kNone) {
        Streams& streams = streams_.at(flow.inspection);
        streams.has_refused_syn[index(direction)] = true;
        streams.refused_syn[index(direction)] = sequence;
    }
}

bool Tracker::refused_syn(const Flow& flow, Direction direction,
                          std::uint32_t sequence) const noexcept {
    return flow.inspection != flow::kNone &&
           streams_.at(flow.inspection).has_refused_syn[index(direction)] &&
           streams_.at(flow.inspection).refused_syn[index(direction)] == sequence;
}

void Tracker::note_timestamp(Flow& flow, Direction direction, const TcpOptions& options) noexcept {
    if (flow.inspection != flow::kNone && options.has_timestamps) {
        streams_.at(flow.inspection).half[index(direction)].note_timestamp(options.timestamp);
    }
}

void Tracker::note_fin(Flow& flow, Direction direction, std::uint32_t sequence) noexcept {
    if (flow.inspection != flow::kNone) {
        streams_.at(flow.inspection).half[index(direction)].note_fin(sequence);
    }
}

bool Tracker::obeys_reset(const Flow& flow, Direction direction,
                          std::uint32_t sequence) const noexcept {
    return flow.inspection == flow::kNone ||
           streams_.at(flow.inspection)
               .half[index(direction)]
               .obeys_reset(sequence, flow.next_sequence[index(direction)]);
}

std::uint32_t Tracker::expected(const Flow& flow, Direction direction) const noexcept {
    const std::uint32_t next = flow.next_sequence[index(direction)];
    return flow.inspection == flow::kNone
               ? next
               : streams_.at(flow.inspection).half[index(direction)].expected(next);
}

bool Tracker::is_torn(const Flow& flow) const noexcept {
    return flow.inspection != flow::kNone && !flow.has(Flow::settled_0) &&
           streams_.at(flow.inspection).last[index(Direction::to_server)] != '\n';
}

bool Tracker::has_read(const Flow& flow, Direction direction) const noexcept {
    return flow.inspection != flow::kNone &&
           streams_.at(flow.inspection).has_begun[index(direction)];
}

bool Tracker::began_at(const Flow& flow, Direction direction,
                       std::uint32_t sequence) const noexcept {
    return has_read(flow, direction) &&
           streams_.at(flow.inspection).began[index(direction)] == sequence;
}

bool Tracker::may_acknowledge(const Flow& flow, Direction direction,
                              std::uint32_t ack) const noexcept {
    if (!has_read(flow, direction)) {
        return true;
    }
    const std::uint32_t began = streams_.at(flow.inspection).began[index(direction)];
    return ack - began <= flow.next_sequence[index(direction)] - began;
}

bool Tracker::began_in_syn(const Flow& flow, Direction direction) const noexcept {
    return has_read(flow, direction) && streams_.at(flow.inspection).began_in_syn[index(direction)];
}

void Tracker::note_scale(Flow& flow, Direction sender, const TcpOptions& options) noexcept {
    if (flow.inspection != flow::kNone) {
        streams_.at(flow.inspection).scales.note(sender, options);
        return;
    }
    WindowScales scales(flow.window_scales);
    scales.note(sender, options);
    flow.window_scales = scales.bits();
}

}  // namespace minerwall::tcp

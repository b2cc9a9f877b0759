#include "path/segment.hpp"

#include "path/gather.hpp"
#include "path/resample.hpp"
#include "path/validity.hpp"
#include "path/verdict/matter.hpp"

namespace minerwall::path {
namespace {

using flow::Direction;
using flow::Flow;
using inspect::Inspector;
using tcp::Side;

bool has(const packet::Frame& frame, std::uint8_t bits) noexcept {
    return (frame.tcp_flags & bits) != 0;
}

// A hole may hide as many hundred names as this, in one packet.
constexpr unsigned kMostRounds = 16;

// Where the policy only observes, nothing is to be kept from anybody.
void drop(const Context& context, Burst& burst, unsigned i, Reason reason) noexcept {
    if (!context.rules->observe()) {
        burst.fate[i] = Fate::drop;
        burst.reason[i] = reason;
    }
}

tcp::TcpOptions options_of(const Burst& burst, unsigned i) noexcept {
    constexpr std::uint32_t kMaxOptions = 40;  // RFC 9293, 3.1: data offset is four bits of words
    const packet::Frame& frame = burst.frame[i];
    const std::uint32_t begin = frame.l4_offset + std::uint32_t{sizeof(packet::TcpHeader)};
    if (frame.payload_offset <= begin) {
        return {};
    }
    const std::uint32_t length = std::min<std::uint32_t>(frame.payload_offset - begin, kMaxOptions);
    std::array<std::uint8_t, kMaxOptions> copy;
    const void* bytes = rte_pktmbuf_read(burst.bytes_of(i), begin, length, copy.data());
    return bytes == nullptr
               ? tcp::TcpOptions{}
               : tcp::read_tcp_options({static_cast<const std::uint8_t*>(bytes), length});
}

// Where the urgent byte stands: all stacks point behind it, and take a zero for a one (RFC 6093,
// 3.1).
std::uint32_t urgent_sequence(const Burst& burst, unsigned i) noexcept {
    const packet::Frame& frame = burst.frame[i];
    std::array<std::uint8_t, 2> copy;
    const std::uint32_t at = frame.l4_offset + offsetof(packet::TcpHeader, urgent);
    const void* bytes = rte_pktmbuf_read(burst.bytes_of(i), at, copy.size(), copy.data());
    const std::uint32_t pointer =
        bytes == nullptr ? 0 : load_be16(static_cast<const std::uint8_t*>(bytes));
    return tcp::payload_sequence(frame) + (pointer == 0 ? 0 : pointer - 1);
}

void reset(Context& context, const packet::Frame& frame, Flow& flow, Direction direction,
           Side side) noexcept {
    if (side == Side::wrong) {
        return;
    }
    // The refusal of a SYN has no number of its own (RFC 9293, 3.10.7.3).
    const Direction other = opposite(direction);
    const bool refusal = flow.state == flow::FlowState::fresh && has(frame, packet::kTcpAck) &&
                         flow.has(Flow::sequence_known(other)) &&
                         frame.tcp_ack == flow.next_sequence[index(other)];
    if (refusal || context.inspector.tracker().obeys_reset(flow, direction, frame.tcp_seq)) {
        tcp::note_reset(flow);
    }
}

// False where the SYN's payload is not to be read.
bool open(Context& context, Burst& burst, unsigned i, Flow& flow, Side side,
          const tcp::TcpOptions& options) noexcept {
    const packet::Frame& frame = burst.frame[i];
    const Direction direction = burst.direction[i];
    const Direction other = opposite(direction);
    const auto refuse = [&] {
        context.inspector.tracker().note_refused_syn(flow, direction, frame.tcp_seq);
        // Whether the receiver takes this SYN, or holds to what it has, cannot be known here. It is
        // sent again without data where nobody answers (RFC 7413, 4.1.3).
        if (frame.payload_length != 0) {
            drop(context, burst, i, Reason::stream_conflict);
        }
        return false;
    };
    if (flow.state != flow::FlowState::fresh || side == Side::wrong) {
        return refuse();
    }
    // Both numbers are known, so the other end has answered: a SYN with another one is nobody's,
    // unless it is that answer, from its own end, and what was known was told in its name.
    if (flow.has(Flow::sequence_known(direction)) && flow.has(Flow::sequence_known(other)) &&
        !context.inspector.tracker().has_read(flow, direction) &&
        flow.next_sequence[index(direction)] != frame.tcp_seq + 1) {
        const bool answer = direction == Direction::to_client && side == Side::right &&
                            has(frame, packet::kTcpAck) &&
                            context.inspector.tracker().may_acknowledge(flow, other, frame.tcp_ack);
        if (!answer) {
            return refuse();
        }
    }
    if (!context.inspector.tracker().has_read(flow, direction)) {
        tcp::note_syn(flow, direction, frame);
    } else if (!context.inspector.tracker().began_at(flow, direction, frame.tcp_seq + 1)) {
        if (context.inspector.tracker().began_in_syn(flow, direction)) {
            // Another number than the SYN whose data was judged: the server may take either.
            drop(context, burst, i, Reason::stream_conflict);
            return false;
        }
        return refuse();
    }
    context.inspector.tracker().note_scale(flow, direction, options);
    // Which of several SYNs counts is the answer's to say.
    if (side == Side::right && has(frame, packet::kTcpAck) &&
        !context.inspector.tracker().has_read(flow, other)) {
        flow.set(Flow::sequence_known(other));
        flow.next_sequence[index(other)] = frame.tcp_ack;
    }
    return true;
}

void take(Context& context, Burst& burst, unsigned i, Flow& flow,
          const tcp::Sides& sides) noexcept {
    const Direction direction = burst.direction[i];
    inspect::Evidence& evidence = burst.evidence[i];
    gather(context, burst, i);
    if (!burst.news[i]) {
        evidence.clear();
    }
    // What comes in at the wrong end goes away from its receiver: it has no place in the stream.
    Inspector::Taken taken = sides.side == Side::wrong
                                 ? context.inspector.alone(direction, context.payload, evidence)
                                 : context.inspector.tcp(flow, direction, burst.frame[i],
                                                         context.payload, sides, evidence);
    // Names that no rule is about make room for the next ones.
    for (unsigned round = 0; taken == Inspector::Taken::full && evidence.is_full() &&
                             round < kMostRounds && !has_matter(context, flow, evidence);
         ++round) {
        evidence.clear();
        taken = context.inspector.read_on(flow, direction, evidence);
    }
    switch (taken) {
        case Inspector::Taken::nothing:
        case Inspector::Taken::news:
            break;
        case Inspector::Taken::conflict:
            drop(context, burst, i, Reason::stream_conflict);
            break;
        case Inspector::Taken::full:
            drop(context, burst, i, Reason::stream_memory_full);
            break;
    }
    // Also of a segment that is dropped: it may have brought earlier ones to be read.
    burst.news[i] = burst.news[i] || evidence.any();
    if (evidence.app != inspect::App::unknown) {
        flow.app = static_cast<std::uint8_t>(evidence.app) & 0xf;
    }
}

// A segment far from its direction's bytes is of another connection, or made up (RFC 9293,
// 3.10.7.4).
bool is_near(const Flow& flow, Direction direction, const packet::Frame& frame) noexcept {
    const auto distance =
        static_cast<std::int32_t>(frame.tcp_seq - flow.next_sequence[index(direction)]);
    return !flow.has(Flow::sequence_known(direction)) || has(frame, packet::kTcpSyn) ||
           (distance <= tcp::kInFlight && distance >= -tcp::kInFlight);
}

// A late start. True: the direction is read again, from this segment on.
bool look_again(Context& context, Burst& burst, unsigned i, Flow& flow) noexcept {
    switch (resample(context, burst, i, flow)) {
        case Resample::nothing:
            return false;
        case Resample::news:
            burst.news[i] = true;
            return false;
        case Resample::reopen:
            flow.clear(Flow::settled(burst.direction[i]));
            flow.set(Flow::lost_beginning);
            return true;
    }
    return false;
}

// A segment that changes the connection, or of a flow that is read or guarded.
void follow(Context& context, Burst& burst, unsigned i, Flow& flow,
            const tcp::Sides& sides) noexcept {
    const Side side = sides.side;
    const packet::Frame& frame = burst.frame[i];
    const Direction direction = burst.direction[i];
    if (has(frame, packet::kTcpRst)) {
        reset(context, frame, flow, direction, side);
        return;
    }
    const bool syn = has(frame, packet::kTcpSyn);
    tcp::TcpOptions options;
    if (syn || flow.inspection != flow::kNone || !flow.has(Flow::settled(direction))) {
        options = options_of(burst, i);
    }
    if (syn && !open(context, burst, i, flow, side, options)) {
        return;
    }
    tcp::note_established(flow, frame);
    // What its peer discards is no word of it.
    if (side == Side::right && has(frame, packet::kTcpAck) && is_near(flow, direction, frame) &&
        !context.inspector.tracker().is_discarded(flow, direction, frame, options)) {
        context.inspector.tracker().hear(flow, direction, frame, options);
        context.inspector.release_if_done(flow);
    }
    if (has(frame, packet::kTcpUrg) && side != Side::wrong &&
        !context.inspector.note_urgent(flow, direction, sides, urgent_sequence(burst, i))) {
        drop(context, burst, i, Reason::stream_conflict);
        return;
    }
    const bool unread = flow.has(Flow::settled(direction));
    if (frame.payload_length != 0 && flow.inspection == flow::kNone && unread) {
        tcp::pass_over(flow, direction, tcp::payload_sequence(frame), frame.payload_length);
    } else if (frame.payload_length != 0 ||
               context.inspector.tracker().is_behind(flow, direction)) {
        if (context.inspector.tracker().is_discarded(flow, direction, frame, options)) {
            context.counters.stream_ignored_segments.add();
            return;
        }
        if (side != Side::wrong || !unread) {
            // One direction may be settled while the other has not spoken, or is guarded.
            if (unread && frame.payload_length != 0 && look_again(context, burst, i, flow)) {
                context.inspector.resume(flow, direction);
            }
            if (frame.payload_length != 0 && flow.has(Flow::sequence_known(direction))) {
                context.inspector.tracker().believe(flow, direction, tcp::payload_sequence(frame));
                if (flow.has(Flow::sequence_known(direction))) {
                    burst.expected[i] = context.inspector.tracker().expected(flow, direction);
                }
            }
            take(context, burst, i, flow, sides);
        }
    }
    if (side != Side::wrong) {
        context.inspector.tracker().note_timestamp(flow, direction, options);
    }
    if (has(frame, packet::kTcpFin) && side != Side::wrong) {
        tcp::note_fin(flow, direction);
        context.inspector.tracker().note_fin(flow, direction,
                                             tcp::payload_sequence(frame) + frame.payload_length);
    }
}

}  // namespace

tcp::Sides sides_of(const Context& context, const Burst& burst, unsigned i, Flow& flow) noexcept {
    if (context.options.capture.ends_unknown) {
        const Direction direction = flow.direction(burst.sender_is_low[i]);
        const bool heard = flow.packets[index(opposite(direction))] != 0;
        return {heard ? Side::right : Side::unknown, heard};
    }
    return tcp::note_sides(flow, burst.sender_is_low[i], (burst.mbuf[i]->port & 1) != 0);
}

void inspect_segment(Context& context, Burst& burst, unsigned i, Flow& flow, bool cut) noexcept {
    const packet::Frame& frame = burst.frame[i];
    const Direction direction = burst.direction[i];
    const tcp::Sides sides = sides_of(context, burst, i, flow);
    constexpr std::uint8_t kControl =
        packet::kTcpSyn | packet::kTcpFin | packet::kTcpRst | packet::kTcpUrg;
    const bool control = has(frame, kControl);
    // What the receiver has before this segment: a reset toward it must carry exactly that.
    burst.expected[i] = flow.has(Flow::sequence_known(direction))
                            ? context.inspector.tracker().expected(flow, direction)
                            : frame.tcp_seq;
    if (!control && (cut || flow.inspection == flow::kNone)) {
        tcp::note_established(flow, frame);
        if (cut || frame.payload_length == 0) {
            return;
        }
        const std::uint32_t sequence = tcp::payload_sequence(frame);
        if (tcp::is_jump(flow, direction, sequence)) {
            flow.clear(Flow::settled(direction));  // what was known may be of another stream
            flow.clear(Flow::sequence_known(direction));
            flow.clear(Flow::started);
        } else if (flow.has(Flow::settled(direction)) && !look_again(context, burst, i, flow)) {
            tcp::pass_over(flow, direction, sequence, frame.payload_length);
            return;
        }
    }
    // What changes a connection, and what is read, must be real: a packet that its receiver never
    // takes would lead the inspection astray.
    if (!receiver_accepts(context, flow, direction, burst.bytes_of(i), frame)) {
        return;
    }
    const std::uint32_t timeout = context.flows.timeout_ms(flow);
    if (!cut) {
        follow(context, burst, i, flow, sides);
        if (flow.state == flow::FlowState::closed) {
            context.inspector.tracker().is_torn(flow) ? flow.set(Flow::torn)
                                                      : flow.clear(Flow::torn);
        }
    } else if (has(frame, packet::kTcpRst)) {
        tcp::note_reset(flow);
    } else if (has(frame, packet::kTcpFin)) {
        tcp::note_fin(flow, direction);
    }
    if (context.flows.timeout_ms(flow) < timeout) {
        context.flows.reschedule(burst.flow[i]);
    }
}

}  // namespace minerwall::path

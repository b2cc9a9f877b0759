#include "inspect/inspector.hpp"

#include <algorithm>

namespace minerwall::inspect {
namespace {

using flow::Direction;
using flow::Flow;

// Settled flows stay guarded until their first bytes are acknowledged: about a round trip.
constexpr std::uint32_t kTrackedPerState = 2;
constexpr unsigned kMostHoles = 64;

// Either port: the resolver's end has it, whichever end opened the connection (RFC 7766).
bool is_dns_port(std::uint16_t one, std::uint16_t other) noexcept {
    constexpr std::uint16_t kDns = 53;
    return one == kDns || other == kDns;
}
bool has_dns_port(const Flow& flow) noexcept {
    return is_dns_port(flow.key.low_port, flow.key.high_port);
}

}  // namespace

Inspector::Inspector(std::uint32_t states, const match::Prefilter& prefilter, unsigned worker,
                     WorkerCounters& counters, const tcp::StreamOptions& options)
    : connections_(states),
      tracker_(states * kTrackedPerState, options, counters),
      readings_(states * kTrackedPerState),
      holders_(states * kTrackedPerState),
      tools_(prefilter, worker),
      counters_(counters) {}

bool Inspector::open(Flow& flow, Direction direction, const tcp::Sides& sides) noexcept {
    const bool answered = flow.packets[index(opposite(direction))] != 0;
    const std::uint32_t connection = take_state(flow, answered);
    // A flow that had to wait for a state has lost its beginning, too.
    const bool whole = flow.has(Flow::started) && !flow.has(Flow::counted_exhausted) &&
                       !flow.has(Flow::lost_beginning);
    const auto track = [&] {
        return tracker_.open(flow, direction, sides, whole, holders_.source_of(flow));
    };
    if (connection == flow::kNone || (!track() && !(make_room(flow, Room::streams) && track()))) {
        if (connection != flow::kNone) {
            connections_.give_back(connection);
        }
        if (!flow.has(Flow::counted_exhausted)) {
            flow.set(Flow::counted_exhausted);
            counters_.inspection_exhausted.add();
        }
        return false;
    }
    counters_.inspections_active.set(connections_.in_use());
    holders_.take(flow.inspection, flow);
    const std::uint8_t parked = take_parked(flow);
    connections_.at(connection).start(!whole || parked != 0, has_dns_port(flow));
    connections_.at(connection).resume(parked);
    readings(flow).start(connection);
    return true;
}

std::uint32_t Inspector::take_state(const Flow& flow, bool answered) noexcept {
    // A sender of segments that get no answer could take all states: half are for the others.
    const bool may = answered || connections_.in_use() < connections_.capacity() / 2;
    std::uint32_t state = may ? connections_.take() : flow::kNone;
    if (state == flow::kNone && make_room(flow, may ? Room::state : Room::unanswered)) {
        state = connections_.take();
    }
    return state;
}

bool Inspector::note_urgent(Flow& flow, Direction direction, const tcp::Sides& sides,
                            std::uint32_t sequence) noexcept {
    if (flow.has(Flow::settled(direction)) ||
        (flow.inspection == flow::kNone && !open(flow, direction, sides))) {
        return true;
    }
    const unsigned d = index(direction);
    if (flow.has(Flow::sequence_known(direction)) && tcp::before(sequence, flow.next_sequence[d])) {
        return true;  // it was read already, and the receiver ignores the pointer, too
    }
    bool no_room = false;
    const bool passes = readings(flow).note_urgent(connections_, direction, sequence,
                                                   flow.next_sequence[d], no_room);
    if (no_room) {
        counters_.inspection_exhausted.add();
    }
    counters_.inspections_active.set(connections_.in_use());
    return passes;
}

void Inspector::settle(Flow& flow, Direction direction, Stream::Outcome outcome) noexcept {
    flow.set(Flow::settled(direction));
    if (outcome == Stream::Outcome::flow_settled) {
        flow.set(Flow::settled(flow::opposite(direction)));
    }
    if (flow.has(Flow::settled_0) && flow.has(Flow::settled_1)) {
        close_connection(flow);
        release_if_done(flow);
        // Guards never take the records of flows that still have to be read.
        if (flow.inspection != flow::kNone &&
            tracker_.in_use() > connections_.in_use() + connections_.capacity()) {
            counters_.stream_memory_exhausted.add();
            forget(flow);
        }
    }
}

void Inspector::resume(Flow& flow, Direction direction) noexcept {
    if (readings(flow).is_open()) {
        readings(flow).lose_track(connections_, direction);
        return;
    }
    const std::uint32_t connection = take_state(flow, true);
    if (connection == flow::kNone) {
        flow.set(Flow::settled(direction));
        counters_.inspection_exhausted.add();
        return;
    }
    connections_.at(connection).start(true, has_dns_port(flow));
    readings(flow).start(connection);
    counters_.inspections_active.set(connections_.in_use());
}

void Inspector::close_connection(const Flow& flow) noexcept {
    readings(flow).close(connections_);
    counters_.inspections_active.set(connections_.in_use());
}

void Inspector::release_if_done(Flow& flow) noexcept {
    if (flow.inspection == flow::kNone) {
        return;
    }
    const bool over = tracker_.is_over(flow);
    if (over) {
        flow.set(Flow::settled_0);
        flow.set(Flow::settled_1);
    }
    if (over || (!readings(flow).is_open() && !tracker_.is_guarding(flow))) {
        forget(flow);
    }
}

bool Inspector::read(Flow& flow, Direction direction, const Payload& payload, std::uint32_t skip,
                     bool whole, Evidence& out) noexcept {
    Stream::Outcome outcome = Stream::Outcome::go_on;
    // False: there is more of it than the evidence of one packet has room for.
    const auto take = [&](Bytes bytes) {
        while (!bytes.empty()) {
            if (!whole && outcome == Stream::Outcome::go_on && out.is_full()) {
                return false;
            }
            const Bytes part = bytes.first(std::min(bytes.size(), Evidence::kMostBytes));
            if (tracker_.take_lost(flow, direction)) {
                counters_.stream_gaps.add();
                readings(flow).lose_track(connections_, direction);
            }
            if (outcome == Stream::Outcome::go_on) {
                outcome =
                    readings(flow).feed(connections_, direction,
                                        flow.next_sequence[index(direction)], part, tools_, out);
            }
            tracker_.advance(flow, direction, part);
            bytes = bytes.subspan(part.size());
        }
        return true;
    };
    bool all = true;
    for (unsigned i = 0; i < payload.pieces && all; ++i) {
        const Bytes piece = payload.piece[i];
        const std::size_t cut = std::min<std::size_t>(skip, piece.size());
        skip -= static_cast<std::uint32_t>(cut);
        all = take(piece.subspan(cut));
    }
    for (Bytes held; all && !(held = tracker_.run(flow, direction)).empty();) {
        all = take(held);
    }
    if (outcome == Stream::Outcome::go_on) {
        outcome = readings(flow).end_segment(connections_, direction);
    }
    if (outcome != Stream::Outcome::go_on) {
        settle(flow, direction, outcome);
    }
    return all;
}

bool Inspector::catch_up(Flow& flow, Direction direction, Evidence& out) noexcept {
    static constexpr Payload kNothing{};
    unsigned holes = 0;
    const auto is_read = [&] {
        return flow.inspection != flow::kNone && !flow.has(Flow::settled(direction));
    };
    // An earlier packet that brought too much left the bytes at `next`.
    while (is_read() &&
           (tracker_.is_behind(flow, direction) || !tracker_.run(flow, direction).empty())) {
        if (!tracker_.run(flow, direction).empty()) {
            if (!read(flow, direction, kNothing, 0, false, out)) {
                return false;
            }
        } else {
            // Between so many holes no parser finds a message, and each hole costs a walk.
            ++holes < kMostHoles ? tracker_.skip_missing(flow, direction)
                                 : tracker_.give_up(flow, direction);
        }
    }
    if (tracker_.is_behind(flow, direction)) {
        tracker_.skip_all(flow, direction);
    }
    return true;
}

Inspector::Taken Inspector::tcp(Flow& flow, Direction direction, const packet::Frame& frame,
                                const Payload& payload, const tcp::Sides& sides,
                                Evidence& out) noexcept {
    const std::uint32_t sequence = tcp::payload_sequence(frame);
    if (flow.inspection == flow::kNone && tools_.reads_alone) [[unlikely]] {
        ++tools_.read_alone;
        flow.set(Flow::lost_beginning);
        tcp::pass_over(flow, direction, sequence, payload.length);
        return alone(direction, frame, payload, out);
    }
    if (flow.inspection == flow::kNone && !open(flow, direction, sides)) {
        tcp::pass_over(flow, direction, sequence, payload.length);
        counters_.packets_judged_alone.add();
        return alone(direction, frame, payload, out);
    }
    if (flow.has(Flow::sequence_known(direction)) && !catch_up(flow, direction, out)) {
        return Taken::full;
    }
    if (flow.inspection == flow::kNone || payload.length == 0) {
        return out.any() ? Taken::news : Taken::nothing;
    }
    const bool settled = flow.has(Flow::settled(direction));
    const tcp::Arrival arrival =
        tracker_.arrive(flow, direction, frame, settled, {payload.piece.data(), payload.pieces});
    if (arrival.alone) {
        (void)alone(direction, frame, payload, out);
    }
    switch (arrival.kind) {
        case tcp::Arrival::Kind::nothing:
            if (!settled) {
                counters_.retransmitted_segments.add();
            }
            break;
        case tcp::Arrival::Kind::ignored:
            counters_.stream_ignored_segments.add();
            break;
        case tcp::Arrival::Kind::in_order:
            // Bytes that are not read now stay held, and the sender has to send the segment again.
            if (!read(flow, direction, payload, arrival.skip, arrival.exhausted, out)) {
                tracker_.count_memory();
                return Taken::full;
            }
            break;
        case tcp::Arrival::Kind::held:
            counters_.stream_held_segments.add();
            break;
        case tcp::Arrival::Kind::conflict:
            return Taken::conflict;
        case tcp::Arrival::Kind::full:
            tracker_.count_memory();
            return Taken::full;
    }
    release_if_done(flow);
    tracker_.count_memory();
    return out.any() ? Taken::news : Taken::nothing;
}

Inspector::Taken Inspector::read_on(Flow& flow, Direction direction, Evidence& out) noexcept {
    if (flow.inspection == flow::kNone) {
        return Taken::nothing;
    }
    const bool all = catch_up(flow, direction, out);
    release_if_done(flow);
    tracker_.count_memory();
    return !all ? Taken::full : out.any() ? Taken::news : Taken::nothing;
}

Inspector::Taken Inspector::alone(Direction direction, const packet::Frame& frame,
                                  const Payload& payload, Evidence& out) noexcept {
    const App app = out.app;
    ConnectionNotes notes;
    notes.dns = is_dns_port(frame.src_port, frame.dst_port);
    alone_.start(direction == Direction::to_server, true);
    for (unsigned i = 0; i < payload.pieces; ++i) {
        if (alone_.feed(payload.piece[i], tools_, notes, out) != Stream::Outcome::go_on) {
            break;
        }
    }
    if (!out.has_mining) {
        out.app = app;
    }
    return out.any() ? Taken::news : Taken::nothing;
}

void Inspector::forget(Flow& flow) noexcept {
    if (flow.inspection == flow::kNone) {
        return;
    }
    close_connection(flow);
    holders_.give_back(flow.inspection, flow);
    tracker_.close(flow);
}

}  // namespace minerwall::inspect

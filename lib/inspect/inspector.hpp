// From a TCP segment to evidence: names and confirmed mining messages. The inspector judges what
// the receiving application would read (tcp::Tracker says what that is).
//
// One per worker; the constructor takes all memory. If no state is free, a flow that loses least
// gives its own away (see share()). If there is none either, the segment is judged by itself and
// counted, and the flow's next packet tries again.
#pragma once

#include <cstdint>

#include "base/counters.hpp"
#include "flow/flow.hpp"
#include "flow/holders.hpp"
#include "flow/pool.hpp"
#include "inspect/evidence.hpp"
#include "inspect/payload.hpp"
#include "inspect/readings.hpp"
#include "tcp/tracker.hpp"

namespace minerwall::inspect {

class Inspector {
  public:
    // What the stage does with a segment.
    enum class Taken : std::uint8_t {
        nothing,
        news,      // `out` has evidence
        conflict,  // its bytes differ from those that were judged: it must not reach the receiver
        full,      // there was no room to hold or to judge all of it: drop it
    };

    // states: flows that can be under inspection at the same time.
    Inspector(std::uint32_t states, const match::Prefilter& prefilter, unsigned worker,
              WorkerCounters& counters, const tcp::StreamOptions& options = {});

    // Lets flows give up what others need more. `flows` is the table of all flows that it will get,
    // and outlives it. Without it, a flow that finds no state waits.
    void share(flow::FlowTable& flows) noexcept { holders_.watch(flows); }
    // What TCP says of the connections that are read.
    tcp::Tracker& tracker() noexcept { return tracker_; }
    const tcp::Tracker& tracker() const noexcept { return tracker_; }

    // A TCP segment in wire order, with payload or without. Call it for flows that have a record,
    // and for segments with payload of a direction that is not settled.
    Taken tcp(flow::Flow& flow, flow::Direction direction, const packet::Frame& frame,
              const Payload& payload, const tcp::Sides& sides, Evidence& out) noexcept;
    // Continues after `full`, with evidence that the caller judged and cleared.
    Taken read_on(flow::Flow& flow, flow::Direction direction, Evidence& out) noexcept;

    // An urgent pointer to the byte at `sequence`, before its segment is read. Both readings are
    // judged, for one urgent byte of each direction. False: a second urgent byte while the first
    // one still makes a difference; the segment must not pass.
    bool note_urgent(flow::Flow& flow, flow::Direction direction, const tcp::Sides& sides,
                     std::uint32_t sequence) noexcept;
    // Reads a settled direction again, of a flow that has a record: from its next segment on, as a
    // stream joined midway.
    void resume(flow::Flow& flow, flow::Direction direction) noexcept;
    // Reads a segment by itself, because its bytes have no certain place in a stream, or no state
    // is free.
    Taken alone(flow::Direction direction, const packet::Frame& frame, const Payload& payload,
                Evidence& out) noexcept;
    // What all connections share; resampling uses it to read a single segment.
    Tools& tools() noexcept { return tools_; }

    // Gives the record back if the connection is over, or if nothing of it is read or guarded. Call
    // it after tracker().hear().
    void release_if_done(flow::Flow& flow) noexcept;
    // The flow needs no more inspection, or is over.
    void forget(flow::Flow& flow) noexcept;

  private:
    // What a flow needs: a parser's state; one that no answered connection has; or only half
    // streams.
    enum class Room : std::uint8_t { state, unanswered, streams };
    // Takes it from the flow that loses least. False: that would be the newcomer.
    bool make_room(const flow::Flow& newcomer, Room room) noexcept;
    // A state for the flow, or kNone. answered: both ends were heard.
    std::uint32_t take_state(const flow::Flow& flow, bool answered) noexcept;
    // What the flow keeps of its state, for FlowDetails::parked; 0: it would lose something.
    std::uint8_t parked_as(const flow::Flow& flow) noexcept;
    // What it kept, once.
    std::uint8_t take_parked(const flow::Flow& flow) noexcept;
    bool open(flow::Flow& flow, flow::Direction direction, const tcp::Sides& sides) noexcept;
    // Reads bytes that the receiver already has and that were not judged. False: as read().
    bool catch_up(flow::Flow& flow, flow::Direction direction, Evidence& out) noexcept;
    // False: there is more to read, and this packet's evidence has no room for it. `whole`: read
    // all of it nevertheless, because no copy of it is held.
    bool read(flow::Flow& flow, flow::Direction direction, const Payload& payload,
              std::uint32_t skip, bool whole, Evidence& out) noexcept;
    void settle(flow::Flow& flow, flow::Direction direction, Stream::Outcome outcome) noexcept;
    void close_connection(const flow::Flow& flow) noexcept;
    // Not open: the flow is settled, and only guarded.
    Readings& readings(const flow::Flow& flow) noexcept { return readings_[flow.inspection]; }

    flow::Pool<Connection> connections_;
    tcp::Tracker tracker_;
    flow::Pages<Readings> readings_;  // by the tracker's half streams
    flow::Holders holders_;           // of the half streams
    Tools tools_;
    Stream alone_;
    WorkerCounters& counters_;
};

}  // namespace minerwall::inspect

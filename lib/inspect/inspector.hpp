// From a TCP segment to evidence: names and confirmed mining messages. What the receiving
// application would read is what is judged (tcp::Tracker says what that is).
//
// One per worker; all memory is taken in the constructor. Where no state is free the flow is
// forwarded uninspected and counted (failure policy: forward), and tried again with its next
// packet.
#pragma once

#include <cstdint>

#include "base/counters.hpp"
#include "flow/flow.hpp"
#include "flow/pool.hpp"
#include "inspect/evidence.hpp"
#include "inspect/payload.hpp"
#include "inspect/readings.hpp"
#include "tcp/tracker.hpp"

namespace minerwall::inspect {

class Inspector {
  public:
    // What is to become of a segment.
    enum class Taken : std::uint8_t {
        nothing,
        news,      // `out` has findings
        conflict,  // it must not reach its receiver: other bytes than were judged
        full,      // there was no room to remember or to judge all of it: it is to be dropped
    };

    // states: flows that can be under inspection at a time.
    Inspector(std::uint32_t states, const match::Prefilter& prefilter, unsigned worker,
              WorkerCounters& counters, const tcp::StreamOptions& options = {});

    // What TCP says of the connections that are read.
    tcp::Tracker& tracker() noexcept { return tracker_; }
    const tcp::Tracker& tracker() const noexcept { return tracker_; }

    // A TCP segment in wire order, with payload or without one. For flows that have a record, and
    // for segments with payload of a direction that is not settled.
    Taken tcp(flow::Flow& flow, flow::Direction direction, const packet::Frame& frame,
              const Payload& payload, const tcp::Sides& sides, Evidence& out) noexcept;
    // Goes on after `full`: with an evidence that was judged and cleared.
    Taken read_on(flow::Flow& flow, flow::Direction direction, Evidence& out) noexcept;
    // A segment whose bytes have no certain place in the stream is judged by itself.
    Taken alone(flow::Direction direction, const Payload& payload, Evidence& out) noexcept;

    // An urgent pointer to the byte at `sequence`, before its segment is read. Both ways to read it
    // are judged, of one such byte a direction. False: it is another one while the first still
    // makes a difference, and the segment must not pass.
    bool note_urgent(flow::Flow& flow, flow::Direction direction, const tcp::Sides& sides,
                     std::uint32_t sequence) noexcept;
    // Reads a direction again that was settled, of a flow that has a record: from its next segment
    // on, as a stream joined in the middle.
    void resume(flow::Flow& flow, flow::Direction direction) noexcept;
    // What connections share, for a look into a single segment.
    Tools& tools() noexcept { return tools_; }

    // Gives the record back where the connection is over, or where nothing of it is read or
    // guarded. To be asked behind tracker().hear().
    void release_if_done(flow::Flow& flow) noexcept;
    // The flow needs no inspection any more, or is over.
    void forget(flow::Flow& flow) noexcept;

  private:
    bool open(flow::Flow& flow, flow::Direction direction, const tcp::Sides& sides) noexcept;
    // Reads what the receiver has already and nobody has judged. False as with read().
    bool catch_up(flow::Flow& flow, flow::Direction direction, Evidence& out) noexcept;
    // False: there is more to read, and the evidence of this packet has no room for it. `whole`:
    // read it nevertheless, for nothing of it is held.
    bool read(flow::Flow& flow, flow::Direction direction, const Payload& payload,
              std::uint32_t skip, bool whole, Evidence& out) noexcept;
    void settle(flow::Flow& flow, flow::Direction direction, Stream::Outcome outcome) noexcept;
    void close_connection(const flow::Flow& flow) noexcept;
    // Not open: the flow is settled, and only guarded.
    Readings& readings(const flow::Flow& flow) noexcept { return readings_[flow.inspection]; }

    flow::Pool<Connection> connections_;
    tcp::Tracker tracker_;
    flow::Pages<Readings> readings_;  // by the tracker's records
    Tools tools_;
    Stream alone_;
    WorkerCounters& counters_;
};

}  // namespace minerwall::inspect

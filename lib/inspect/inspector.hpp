// From a TCP segment to evidence: names and confirmed mining messages. What the receiving
// application would read is what is judged (tcp::HalfStream says what that is).
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
#include "tcp/connection.hpp"
#include "tcp/half_stream.hpp"
#include "tcp/sides.hpp"

namespace minerwall::inspect {

struct StreamOptions {
    std::uint32_t memory_kb = 1024;  // of all flows
    std::uint32_t flow_kb = 128;     // of one direction
    bool drop_when_full = false;
};

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
              WorkerCounters& counters, const StreamOptions& options = {});

    // A TCP segment in wire order, with payload or without one. For flows that have a record, and
    // for segments with payload of a direction that is not settled.
    Taken tcp(flow::Flow& flow, flow::Direction direction, const packet::Frame& frame,
              const Payload& payload, const tcp::Sides& sides, Evidence& out) noexcept;
    // Goes on after `full`: with an evidence that was judged and cleared.
    Taken read_on(flow::Flow& flow, flow::Direction direction, Evidence& out) noexcept;
    // A segment whose bytes have no certain place in the stream is judged by itself.
    Taken alone(flow::Direction direction, const Payload& payload, Evidence& out) noexcept;

    // What the sender of a segment says as a receiver. Only for what came in at its own end of the
    // wire. May end the flow's record.
    void hear(flow::Flow& flow, flow::Direction speaker, const packet::Frame& frame,
              const tcp::TcpOptions& options) noexcept;
    // A segment that its receiver will discard, whatever bytes it has.
    bool is_discarded(const flow::Flow& flow, flow::Direction direction, const packet::Frame& frame,
                      const tcp::TcpOptions& options) const noexcept;
    // An urgent pointer to the byte at `sequence`, before its segment is read. Both ways to read it
    // are judged, of one such byte a direction. False: it is another one while the first still
    // makes a difference, and the segment must not pass.
    bool note_urgent(flow::Flow& flow, flow::Direction direction, const tcp::Sides& sides,
                     std::uint32_t sequence) noexcept;
    // Reads a direction again that was settled, of a flow that has a record: from its next segment
    // on, as a stream joined in the middle.
    void resume(flow::Flow& flow, flow::Direction direction) noexcept;
    // A segment with payload is about to be read: see tcp::HalfStream::believe().
    void believe(flow::Flow& flow, flow::Direction direction, std::uint32_t sequence) noexcept;
    // The number of a SYN inside the connection, and whether a client's SYN had it.
    void note_refused_syn(flow::Flow& flow, flow::Direction direction,
                          std::uint32_t sequence) noexcept;
    bool refused_syn(const flow::Flow& flow, flow::Direction direction,
                     std::uint32_t sequence) const noexcept;
    // The timestamp of a segment that its receiver may take.
    void note_timestamp(flow::Flow& flow, flow::Direction direction,
                        const tcp::TcpOptions& options) noexcept;
    void note_fin(flow::Flow& flow, flow::Direction direction, std::uint32_t sequence) noexcept;
    bool obeys_reset(const flow::Flow& flow, flow::Direction direction,
                     std::uint32_t sequence) const noexcept;
    // The receiver has bytes of the direction that nobody has read, some of which may be held.
    bool is_behind(const flow::Flow& flow, flow::Direction direction) const noexcept {
        return flow.inspection != flow::kNone && flow.has(flow::Flow::sequence_known(direction)) &&
               tracked_.at(flow.inspection)
                   .half[index(direction)]
                   .is_behind(flow.next_sequence[index(direction)]);
    }
    // The receiver's next byte; valid where the direction's numbers are known.
    std::uint32_t expected(const flow::Flow& flow, flow::Direction direction) const noexcept;
    // The client's bytes end in the middle of a line.
    bool is_torn(const flow::Flow& flow) const noexcept;
    // Bytes of the direction were read, or are held.
    bool has_read(const flow::Flow& flow, flow::Direction direction) const noexcept;
    bool began_at(const flow::Flow& flow, flow::Direction direction,
                  std::uint32_t sequence) const noexcept;
    // An acknowledgement that fits what was read.
    bool may_acknowledge(const flow::Flow& flow, flow::Direction direction,
                         std::uint32_t ack) const noexcept;
    // What was read first came in a SYN (RFC 7413).
    bool began_in_syn(const flow::Flow& flow, flow::Direction direction) const noexcept;
    void note_scale(flow::Flow& flow, flow::Direction sender,
                    const tcp::TcpOptions& options) noexcept;

    // What connections share, for a look into a single segment.
    Tools& tools() noexcept { return tools_; }

    // The flow needs no inspection any more, or is over.
    void forget(flow::Flow& flow) noexcept;

  private:
    // A flow that is read or guarded.
    struct Tracked {
        tcp::HalfStream half[2];
        std::uint32_t began[2];  // sequence number of the first segment that was read
        bool has_begun[2], began_in_syn[2];
        std::uint8_t last[2];  // byte that was read
        bool has_refused_syn[2];
        std::uint32_t refused_syn[2];  // sequence number of the last one
        Readings readings;             // not open: settled, and only guarded
        tcp::WindowScales scales;
    };

    bool open(flow::Flow& flow, flow::Direction direction, const tcp::Sides& sides) noexcept;
    // Reads what the receiver has already and nobody has judged. False as with read().
    bool catch_up(flow::Flow& flow, flow::Direction direction, Evidence& out) noexcept;
    // False: there is more to read, and the evidence of this packet has no room for it. `whole`:
    // read it nevertheless, for nothing of it is held.
    bool read(flow::Flow& flow, flow::Direction direction, const Payload& payload,
              std::uint32_t skip, bool whole, Evidence& out) noexcept;
    void settle(flow::Flow& flow, flow::Direction direction, Stream::Outcome outcome) noexcept;
    void release_if_done(flow::Flow& flow) noexcept;
    void close_connection(Tracked& tracked) noexcept;
    void count_memory() noexcept { counters_.stream_memory_used.set(memory_.in_use()); }

    flow::Pool<Connection> connections_;
    flow::Pool<Tracked> tracked_;
    tcp::StreamMemory memory_;
    tcp::StreamLimits limits_;
    Tools tools_;
    Stream alone_;
    WorkerCounters& counters_;
};

}  // namespace minerwall::inspect

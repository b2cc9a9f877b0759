// The connections whose bytes are read or guarded, as TCP sees them from the middle of the wire
// (RFC 9293). The tracker knows no parser, no rule and no event.
//
// One per worker; the constructor takes all memory. Flow::inspection names the half streams of a
// flow, and is kNone if it has none. A question about a flow without them gets the answer that
// changes nothing.
#pragma once

#include <cstdint>

#include "base/counters.hpp"
#include "flow/flow.hpp"
#include "flow/pool.hpp"
#include "tcp/connection.hpp"
#include "tcp/half_stream.hpp"
#include "tcp/segment.hpp"
#include "tcp/sides.hpp"

namespace minerwall::tcp {

struct StreamOptions {
    std::uint32_t memory_kb = 1024;  // of all flows
    std::uint32_t flow_kb = 128;     // of one direction
    bool drop_when_full = false;
};

class Tracker {
  public:
    // flows: how many can be read or guarded at the same time.
    Tracker(std::uint32_t flows, const StreamOptions& options, WorkerCounters& counters);

    std::uint32_t in_use() const noexcept { return streams_.in_use(); }

    // Gives the flow half streams. whole: its handshake and all segments since were seen. False:
    // all are taken. direction: of the segment that needs them. source: of the flow.
    bool open(flow::Flow& flow, flow::Direction direction, const Sides& sides, bool whole,
              flow::SourceId source = 0) noexcept;
    // Gives the half streams and all copies back.
    void close(flow::Flow& flow) noexcept;
    bool is_guarding(const flow::Flow& flow) const noexcept {
        const Streams& streams = streams_.at(flow.inspection);
        return streams.half[0].is_guarding() || streams.half[1].is_guarding();
    }
    // Nothing is held, and each receiver has all bytes that passed here.
    bool is_acknowledged(const flow::Flow& flow) const noexcept {
        const Streams& streams = streams_.at(flow.inspection);
        return streams.half[0].is_acknowledged(flow.next_sequence[0]) &&
               streams.half[1].is_acknowledged(flow.next_sequence[1]);
    }
    // Each end has acknowledged the other end's FIN.
    bool is_over(const flow::Flow& flow) const noexcept {
        const Streams& streams = streams_.at(flow.inspection);
        return streams.half[0].is_finished() && streams.half[1].is_finished();
    }

    // The one entry for a segment. Reader is what the stage provides:
    //   bool accepts()        its checksums are right, as far as the receiver checks them
    //   TcpOptions options()  of the segment; asked only when they matter
    //   bool reads_again()    reads a settled direction again from this segment on;
    //   void resume()         called if so, for a flow with half streams
    //   std::uint32_t& jump(d)  FlowDetails::jump of direction d
    //   void heard()          the half streams may be done: give them back
    //   bool takes_urgent()   the byte that its urgent pointer names can be read both ways
    //   Did read()            the segment's bytes, by arrive() and what follows it
    // Defined in tcp/tracker_segment.hpp.
    template <typename Reader>
    Did segment(flow::Flow& flow, Segment& segment, Reader& reader) noexcept;
    // True if this SYN on the ports of a known flow begins another connection. Ask before
    // segment(). direction: by the flow's roles. sides_of(): the segment's tcp::Sides; called only
    // if they matter.
    template <typename SidesOf>
    bool replaces(const flow::Flow& flow, const packet::Frame& frame, flow::Direction direction,
                  SidesOf sides_of) const noexcept {
        const Replaces answer = replacement(flow, frame, direction);
        return answer == Replaces::yes ||
               (answer == Replaces::if_from_right_end && sides_of().side == Side::right &&
                was_asked(flow, frame, direction));
    }

    // Reading, from Reader::read(). A segment with payload of a flow with half streams. settled:
    // the direction is only guarded.
    Arrival arrive(flow::Flow& flow, flow::Direction direction, const packet::Frame& frame,
                   bool settled, std::span<const Bytes> pieces) noexcept;

    // The caller takes the payload that arrive() called in order, then run() until it is
    // empty, and calls advance() after each part.
    Bytes run(const flow::Flow& flow, flow::Direction direction) const noexcept {
        return half(flow, direction).run(memory_, flow.next_sequence[index(direction)]);
    }
    bool take_lost(const flow::Flow& flow, flow::Direction direction) noexcept {
        return half(flow, direction).take_lost();
    }
    void advance(flow::Flow& flow, flow::Direction direction, Bytes read) noexcept {
        flow.next_sequence[index(direction)] += static_cast<std::uint32_t>(read.size());
        streams_.at(flow.inspection).last[index(direction)] = read.back();
    }
    // The receiver has bytes of the direction that were not read; some may be held.
    bool is_behind(const flow::Flow& flow, flow::Direction direction) const noexcept {
        return flow.inspection != flow::kNone && flow.has(flow::Flow::sequence_known(direction)) &&
               half(flow, direction).is_behind(flow.next_sequence[index(direction)]);
    }
    // Moves over one hole. give_up() moves over all; skip_all() is for a settled direction.
    void skip_missing(flow::Flow& flow, flow::Direction direction) noexcept {
        half(flow, direction).skip_missing(memory_, flow.next_sequence[index(direction)]);
    }
    void give_up(flow::Flow& flow, flow::Direction direction) noexcept {
        half(flow, direction).give_up(flow.next_sequence[index(direction)]);
    }
    void skip_all(flow::Flow& flow, flow::Direction direction) noexcept {
        half(flow, direction).skip_all(flow.next_sequence[index(direction)]);
    }

    void count_memory() noexcept { counters_.stream_memory_used.set(memory_.in_use()); }

  private:
    struct Streams {
        HalfStream half[2];
        std::uint32_t began[2];  // sequence number of the first segment that was read
        bool has_begun[2], began_in_syn[2];
        std::uint8_t last[2];  // byte that was read
        bool has_refused_syn[2];
        std::uint32_t refused_syn[2];  // sequence number of the last refused SYN
        WindowScales scales;
        flow::SourceId source;
    };
    template <typename Reader>
    Did follow(flow::Flow& flow, Segment& segment, Reader& reader) noexcept;
    template <typename Reader>
    void listen(flow::Flow& flow, const Segment& segment, Reader& reader) noexcept;
    template <typename Reader>
    bool is_believed(flow::Flow& flow, const Segment& segment, Reader& reader) noexcept;
    template <typename Reader>
    Did bring(flow::Flow& flow, Segment& segment, const TcpOptions& options,
              Reader& reader) noexcept;
    // What the sender of a segment says as a receiver. Call it only for segments that came in at
    // their sender's own end of the wire.
    void hear(flow::Flow& flow, flow::Direction speaker, const packet::Frame& frame,
              const TcpOptions& options) noexcept;
    // The receiver will discard this segment, whatever its bytes are.
    bool is_discarded(const flow::Flow& flow, flow::Direction direction, const packet::Frame& frame,
                      const TcpOptions& options) const noexcept;
    // A segment with payload is about to arrive: see HalfStream::believe().
    void believe(flow::Flow& flow, flow::Direction direction, std::uint32_t sequence) noexcept;
    Did reset(flow::Flow& flow, const Segment& segment) noexcept;
    // A segment far from its direction's bytes belongs to another connection or is forged (RFC
    // 9293, 3.10.7.4).
    static bool is_near(const flow::Flow& flow, const Segment& segment) noexcept {
        const auto distance = static_cast<std::int32_t>(
            segment.frame.tcp_seq - flow.next_sequence[index(segment.direction)]);
        return !flow.has(flow::Flow::sequence_known(segment.direction)) ||
               segment.has(packet::kTcpSyn) || (distance <= kInFlight && distance >= -kInFlight);
    }
    // A SYN. Did::opened: it opens the connection, and its payload is to be read.
    Did synchronise(flow::Flow& flow, const Segment& segment, const TcpOptions& options) noexcept;
    // Whether a SYN replaces the connection; what is missing in the last case is was_asked().
    enum class Replaces : std::uint8_t { no, yes, if_from_right_end };
    Replaces replacement(const flow::Flow& flow, const packet::Frame& frame,
                         flow::Direction direction) const noexcept;
    // True if the SYN that this segment answers was sent, or may have passed elsewhere.
    bool was_asked(const flow::Flow& flow, const packet::Frame& frame,
                   flow::Direction direction) const noexcept;
    // The number of a SYN inside the connection, and whether such a SYN had this number.
    void note_refused_syn(flow::Flow& flow, flow::Direction direction,
                          std::uint32_t sequence) noexcept;
    bool refused_syn(const flow::Flow& flow, flow::Direction direction,
                     std::uint32_t sequence) const noexcept;
    // The timestamp of a segment that the receiver may take.
    void note_timestamp(flow::Flow& flow, flow::Direction direction,
                        const TcpOptions& options) noexcept;
    void note_fin(flow::Flow& flow, flow::Direction direction, std::uint32_t sequence) noexcept;
    void note_scale(flow::Flow& flow, flow::Direction sender, const TcpOptions& options) noexcept;
    bool obeys_reset(const flow::Flow& flow, flow::Direction direction,
                     std::uint32_t sequence) const noexcept;
    // The receiver's next byte; valid if the direction's numbers are known.
    std::uint32_t expected(const flow::Flow& flow, flow::Direction direction) const noexcept;
    // The client's bytes end in the middle of a line.
    bool is_torn(const flow::Flow& flow) const noexcept;
    // Bytes of the direction were read or are held.
    bool has_read(const flow::Flow& flow, flow::Direction direction) const noexcept;
    bool began_at(const flow::Flow& flow, flow::Direction direction,
                  std::uint32_t sequence) const noexcept;
    // The first bytes that were read came in a SYN (TCP Fast Open, RFC 7413).
    bool began_in_syn(const flow::Flow& flow, flow::Direction direction) const noexcept;
    // The acknowledgement fits the bytes that were read.
    bool may_acknowledge(const flow::Flow& flow, flow::Direction direction,
                         std::uint32_t ack) const noexcept;

    HalfStream& half(const flow::Flow& flow, flow::Direction direction) noexcept {
        return streams_.at(flow.inspection).half[index(direction)];
    }
    const HalfStream& half(const flow::Flow& flow, flow::Direction direction) const noexcept {
        return streams_.at(flow.inspection).half[index(direction)];
    }

    flow::Pool<Streams> streams_;
    StreamMemory memory_;
    StreamLimits limits_;
    WorkerCounters& counters_;
};

}  // namespace minerwall::tcp

// Turns UDP messages into evidence: DNS, the server's name in QUIC Initials, coins' node
// discovery.
//
// One per worker. It reads each DNS message by itself. A QUIC client's hello may take several
// messages, and a pool holds their state. If the pool is empty, the flow is forwarded unread and
// counted (failure policy: forward), and tried again with its next Initial.
#pragma once

#include <cstdint>

#include "base/counters.hpp"
#include "flow/flow.hpp"
#include "flow/pool.hpp"
#include "inspect/evidence.hpp"
#include "packet/frame.hpp"
#include "proto/quic/quic_hello.hpp"
#include "proto/quic/quic_keys.hpp"

namespace minerwall::inspect {

class UdpMessages {
  public:
    // states: the number of flows whose QUIC handshake can be read at a time. Throws like
    // QuicOpener.
    UdpMessages(std::uint32_t states, WorkerCounters& counters);

    // Whether a message with this first byte needs feed(); called for every packet of a flow.
    static bool wants(const flow::Flow& flow, const packet::Frame& frame,
                      std::uint8_t first_byte) noexcept;
    // Takes a whole message that the flow has already counted. True: `out` has news.
    bool feed(flow::Flow& flow, flow::Direction direction, const packet::Frame& frame,
              Bytes message, Evidence& out) noexcept;

    // The last message has bytes that differ from earlier ones, and we cannot know which of them
    // its server takes.
    bool conflict() const noexcept { return conflict_; }

    // The flow has ended, or needs no more inspection. For a UDP flow, this class owns
    // Flow::inspection.
    void forget(flow::Flow& flow) noexcept;

  private:
    bool feed_quic(flow::Flow& flow, flow::Direction direction, Bytes message,
                   Evidence& out) noexcept;

    flow::Pool<proto::QuicHello> hellos_;
    proto::QuicOpener opener_;
    proto::DnsAnswers answers_;  // scratch
    bool conflict_ = false;
    WorkerCounters& counters_;
};

}  // namespace minerwall::inspect

// Turns UDP messages into evidence: DNS, the server's name in QUIC Initials, coins' node
// discovery.
//
// One per worker. It reads each DNS message by itself. A QUIC client's hello may take several
// messages, and a pool holds their state. If the pool is empty, a flow that loses less gives its
// state up. If there is none, each Initial is read by itself and counted.
#pragma once

#include <cstdint>

#include "base/counters.hpp"
#include "flow/flow.hpp"
#include "flow/holders.hpp"
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

    // Lets flows give up what others need more: see Inspector::share().
    void share(flow::FlowTable& flows) noexcept { holders_.watch(flows); }

    // Whether a message with this first byte needs feed(); called for every packet of a flow.
    static bool wants(const flow::Flow& flow, const packet::Frame& frame,
                      std::uint8_t first_byte) noexcept;
    // Takes a whole message that the flow has already counted. True: `out` has news.
    bool feed(flow::Flow& flow, flow::Direction direction, const packet::Frame& frame,
              Bytes message, Evidence& out) noexcept;

    // Reads a message by itself, without a flow or a state.
    bool alone(const packet::Frame& frame, Bytes message, Evidence& out) noexcept;

    // The last message has bytes that differ from earlier ones, and we cannot know which of them
    // its server takes.
    bool conflict() const noexcept { return conflict_; }

    // The flow has ended, or needs no more inspection. For a UDP flow, this class owns
    // Flow::inspection.
    void forget(flow::Flow& flow) noexcept;

  private:
    bool make_room(const flow::Flow& newcomer) noexcept;
    bool alone_quic(Bytes message, Evidence& out) noexcept;
    bool feed_quic(flow::Flow& flow, flow::Direction direction, Bytes message,
                   Evidence& out) noexcept;

    flow::Pool<proto::QuicHello> hellos_;
    flow::Holders holders_;   // of `hellos_`
    proto::QuicHello alone_;  // scratch
    proto::QuicOpener opener_;
    proto::DnsAnswers answers_;  // scratch
    bool conflict_ = false;
    WorkerCounters& counters_;
};

}  // namespace minerwall::inspect

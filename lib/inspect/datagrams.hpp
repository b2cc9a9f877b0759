// From UDP datagrams to evidence: DNS, the server's name in QUIC Initials, coins' node discovery.
//
// One per worker. DNS is judged message by message. A QUIC client's hello may take several
// datagrams: their state comes from a pool; where none is free the flow is forwarded unread and
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

class Datagrams {
  public:
    // states: flows whose QUIC handshake can be read at a time. Throws like QuicOpener.
    Datagrams(std::uint32_t states, WorkerCounters& counters);

    // Whether a datagram with this first byte is worth feed(): called for every packet of a flow.
    static bool wants(const flow::Flow& flow, const packet::Frame& frame,
                      std::uint8_t first_byte) noexcept;
    // A whole datagram, counted in the flow already. True: `out` has news.
    bool feed(flow::Flow& flow, flow::Direction direction, const packet::Frame& frame,
              Bytes datagram, Evidence& out) noexcept;

    // The datagram fed last has bytes that differ from those that came before: which of them its
    // server takes cannot be known.
    bool conflict() const noexcept { return conflict_; }

    // The flow is over, or needs no inspection any more. Of a UDP flow, Flow::inspection is ours.
    void forget(flow::Flow& flow) noexcept;

  private:
    bool feed_quic(flow::Flow& flow, flow::Direction direction, Bytes datagram,
                   Evidence& out) noexcept;

    flow::Pool<proto::QuicHello> hellos_;
    proto::QuicOpener opener_;
    proto::DnsAnswers answers_;  // scratch
    bool conflict_ = false;
    WorkerCounters& counters_;
};

}  // namespace minerwall::inspect

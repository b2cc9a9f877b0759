// From a packet's payload to evidence: names and confirmed mining messages.
//
// One per worker. Stream states are preallocated; where none is free the flow is forwarded
// uninspected and counted (failure policy: forward), and tried again with its next packet.
#pragma once

#include <cstdint>

#include "base/counters.hpp"
#include "flow/flow.hpp"
#include "flow/pool.hpp"
#include "flow/tcp.hpp"
#include "inspect/evidence.hpp"
#include "inspect/payload.hpp"
#include "inspect/stream.hpp"

namespace minerwall::inspect {

class Inspector {
  public:
    // states: flows that can be under inspection at a time.
    Inspector(std::uint32_t states, const match::Prefilter& prefilter, unsigned worker,
              WorkerCounters& counters);

    // A TCP segment with payload, of a direction that is not settled, after flow::update_tcp().
    // True: `out` has news.
    bool tcp(flow::Flow& flow, flow::Direction direction, const packet::Frame& frame,
             Payload& payload, Evidence& out) noexcept;
    // A UDP datagram. DNS is judged message by message, so a flow of it never settles.
    bool udp(const packet::Frame& frame, const Payload& payload, Evidence& out) noexcept;

    // The flow needs no inspection any more, or is over.
    void forget(flow::Flow& flow) noexcept;

  private:
    struct Streams {
        Stream direction[2];
    };

    flow::Pool<Streams> streams_;
    Nominator nominator_;
    WorkerCounters& counters_;
};

}  // namespace minerwall::inspect

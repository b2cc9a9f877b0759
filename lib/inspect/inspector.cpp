#include "inspect/inspector.hpp"

#include "proto/dns.hpp"

namespace minerwall::inspect {

Inspector::Inspector(std::uint32_t states, const match::Prefilter& prefilter, unsigned worker,
                     WorkerCounters& counters)
    : streams_(states), nominator_(prefilter, worker), counters_(counters) {}

bool Inspector::tcp(flow::Flow& flow, flow::Direction direction, const packet::Frame& frame,
                    Payload& payload, Evidence& out) noexcept {
    const flow::Slice slice =
        take_slice(flow, direction, flow::payload_sequence(frame), payload.length);
    if (slice.length == 0) {
        counters_.retransmitted_segments.add();
        return false;
    }
    if (slice.gap) {
        counters_.stream_gaps.add();
    }
    if (flow.inspection == flow::kNone) {
        flow.inspection = streams_.take();
        if (flow.inspection == flow::kNone) {
            if (!flow.has(flow::Flow::counted_exhausted)) {
                flow.set(flow::Flow::counted_exhausted);
                counters_.inspection_exhausted.add();
            }
            return false;
        }
        counters_.inspections_active.set(streams_.in_use());
        // A flow that had to wait for a state has lost its beginning, too.
        const bool midstream =
            !flow.has(flow::Flow::started) || flow.has(flow::Flow::counted_exhausted);
        for (Stream& stream : streams_.at(flow.inspection).direction) {
            stream.start(midstream);
        }
    }
    Stream& stream = streams_.at(flow.inspection).direction[flow::index(direction)];
    if (slice.gap) {
        stream.lose_track();
    }
    payload.drop_front(slice.skip);

    Stream::Outcome outcome = Stream::Outcome::go_on;
    for (unsigned i = 0; i < payload.pieces && outcome == Stream::Outcome::go_on; ++i) {
        outcome = stream.feed(payload.piece[i], nominator_, out);
    }
    if (outcome == Stream::Outcome::go_on) {
        outcome = stream.end_segment();
    }
    if (outcome != Stream::Outcome::go_on) {
        flow.set(flow::Flow::settled(direction));
        if (outcome == Stream::Outcome::flow_settled) {
            flow.set(flow::Flow::settled(flow::opposite(direction)));
        }
        if (flow.has(flow::Flow::settled_0) && flow.has(flow::Flow::settled_1)) {
            forget(flow);
        }
    }
    return out.any();
}

bool Inspector::udp(const packet::Frame& frame, const Payload& payload, Evidence& out) noexcept {
    constexpr std::uint16_t kDns = 53;  // RFC 1035, 4.2.1; multicast DNS (5353) is no lookup
    if ((frame.src_port != kDns && frame.dst_port != kDns) || payload.pieces != 1) {
        return false;
    }
    if (proto::parse_dns_question(payload.piece[0], out.question) != proto::DnsStatus::ok) {
        return false;
    }
    out.app = App::dns;
    out.has_dns = true;
    return true;
}

void Inspector::forget(flow::Flow& flow) noexcept {
    if (flow.inspection != flow::kNone) {
        streams_.give_back(flow.inspection);
        flow.inspection = flow::kNone;
        counters_.inspections_active.set(streams_.in_use());
    }
}

}  // namespace minerwall::inspect

#include "path/stages.hpp"
#include "path/validity.hpp"

namespace minerwall::path {
namespace {

void gather(Context& context, const Burst& burst, unsigned i) noexcept {
    const packet::Frame& frame = burst.frame[i];
    inspect::Payload& payload = context.payload;
    payload.clear();
    std::uint32_t skip = frame.payload_offset;
    std::uint32_t left = frame.payload_length;
    for (const rte_mbuf* m = burst.mbuf[i]; m != nullptr && left != 0; m = m->next) {
        if (skip >= m->data_len) {
            skip -= m->data_len;
            continue;
        }
        const std::uint32_t n = std::min<std::uint32_t>(left, m->data_len - skip);
        payload.add({rte_pktmbuf_mtod_offset(m, const std::uint8_t*, skip), n});
        skip = 0;
        left -= n;
    }
}

// A datagram is judged as a whole: one that spans segments is read from a copy.
void linearise(Context& context) noexcept {
    inspect::Payload& payload = context.payload;
    if (payload.pieces < 2) {
        return;
    }
    std::size_t n = 0;
    for (unsigned p = 0; p < payload.pieces; ++p) {
        const Bytes piece = payload.piece[p];
        const std::size_t fit = std::min(piece.size(), context.linear.size() - n);
        std::memcpy(context.linear.data() + n, piece.data(), fit);
        n += fit;
    }
    payload.clear();
    payload.add({context.linear.data(), n});
}

// A flow whose packets are dropped has nothing more to tell.
bool is_cut(const Context& context, const flow::Flow& flow) noexcept {
    return flow.judged_under(context.rules->epoch()) && flow.has(flow::Flow::enforced) &&
           blocks(flow.verdict);
}

}  // namespace

void inspect(Context& context, Burst& burst) noexcept {
    for (unsigned i = 0; i < burst.count; ++i) {
        if (burst.flow[i] == flow::kNone) {
            continue;
        }
        const packet::Frame& frame = burst.frame[i];
        // Fragments are reassembled for inspection in a later work; a first one is not a message.
        if (!frame.has_ports() || frame.payload_length == 0 || frame.is_fragment()) {
            continue;
        }
        flow::Flow& flow = context.flows.at(burst.flow[i]);
        if (is_cut(context, flow)) {
            continue;
        }
        if (frame.is_udp()) {
            if (frame.src_port != 53 && frame.dst_port != 53) {
                continue;
            }
            if (!receiver_accepts(context, flow, burst.direction[i], burst.mbuf[i], frame)) {
                continue;
            }
            gather(context, burst, i);
            linearise(context);
            burst.evidence[i].clear();
            burst.news[i] = context.inspector.udp(frame, context.payload, burst.evidence[i]);
            continue;
        }
        // What the receiver has before this segment: a reset toward it must carry exactly that.
        const flow::Direction direction = burst.direction[i];
        if (flow.has(flow::Flow::sequence_known(direction))) {
            burst.expected[i] = flow.next_sequence[index(direction)];
        }
        if (flow::is_jump(flow, direction, flow::payload_sequence(frame))) {
            flow.clear(flow::Flow::settled(direction));  // what was known may be of another stream
            flow.clear(flow::Flow::started);
        }
        if (flow.has(flow::Flow::settled(direction))) {
            take_slice(flow, direction, flow::payload_sequence(frame), frame.payload_length);
            continue;
        }
        if (!receiver_accepts(context, flow, direction, burst.mbuf[i], frame)) {
            continue;
        }
        gather(context, burst, i);
        burst.evidence[i].clear();
        burst.news[i] =
            context.inspector.tcp(flow, direction, frame, context.payload, burst.evidence[i]);
        if (burst.evidence[i].app != inspect::App::unknown) {
            flow.app = static_cast<std::uint8_t>(burst.evidence[i].app);
        }
    }
}

}  // namespace minerwall::path

#include "path/reassembled.hpp"
#include "path/stages/stages.hpp"

namespace minerwall::path {
namespace {

void parse_packet(Context& context, const rte_mbuf* m, packet::Frame& frame) noexcept {
    packet::parse_frame({rte_pktmbuf_mtod(m, const std::uint8_t*), m->data_len}, m->pkt_len, frame);
    if (frame.head_truncated() && m->nb_segs > 1) {
        // Headers that reach into the next mbuf segment: read from a copy, with the same offsets.
        const std::uint32_t n = std::min<std::uint32_t>(
            m->pkt_len, static_cast<std::uint32_t>(context.scratch.parsed.size()));
        const void* head = rte_pktmbuf_read(m, 0, n, context.scratch.parsed.data());
        if (head != nullptr) {
            packet::parse_frame({static_cast<const std::uint8_t*>(head), n}, m->pkt_len, frame);
        }
    }
}

}  // namespace

void parse(Context& context, Burst& burst) noexcept {
    for (unsigned i = 0; i < burst.count; ++i) {
        if (burst.reassembled[i] != nullptr) {  // reassembled by another worker, or in this turn
            burst.frame[i] = note_of(burst.reassembled[i]).frame;
        } else {
            parse_packet(context, burst.mbuf[i], burst.frame[i]);
        }
        burst.disposition[i] = Disposition::forward;
        burst.news[i] = false;
        burst.untracked_drop[i] = false;
        burst.flow[i] = flow::kNone;
    }
}

}  // namespace minerwall::path

#include "path/gather.hpp"
#include "path/inspect_udp.hpp"
#include "path/segment.hpp"
#include "path/stages/stages.hpp"

namespace minerwall::path {
namespace {

// A flow whose packets are dropped has no more news.
bool is_cut(const Context& context, const flow::Flow& flow) noexcept {
    return flow.judged_under(context.rules->epoch()) && flow.has(flow::Flow::enforced) &&
           blocks(flow.verdict);
}

}  // namespace

void inspect(Context& context, Burst& burst) noexcept {
    tell_parsers(context);
    for (unsigned i = 0; i < burst.count; ++i) {
        const Packet packet(context, i);
        const packet::Frame& frame = packet.frame();
        // A fragment is not a message: the last one comes with the reassembled packet.
        if (!packet.has_flow() || !frame.has_ports() || frame.is_fragment()) {
            continue;
        }
        const bool cut = is_cut(context, packet.flow());
        if (!frame.is_udp()) {
            inspect_segment(packet, cut);
        } else if (!cut && frame.payload_length != 0) {
            inspect_udp(packet);
        }
    }
    count_left_out(context);
}

}  // namespace minerwall::path

#include "path/gather.hpp"
#include "path/inspect_datagram.hpp"
#include "path/segment.hpp"
#include "path/stages/stages.hpp"

namespace minerwall::path {
namespace {

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
        // A fragment is no message: the last one of a datagram comes as the whole.
        if (!frame.has_ports() || frame.is_fragment()) {
            continue;
        }
        flow::Flow& flow = context.flows.at(burst.flow[i]);
        const bool cut = is_cut(context, flow);
        if (frame.is_udp()) {
            if (!cut && frame.payload_length != 0) {
                inspect_datagram(context, burst, i, flow);
            }
            continue;
        }
        inspect_segment(context, burst, i, flow, cut);
    }
}

}  // namespace minerwall::path

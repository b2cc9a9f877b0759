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

// The parsers know no counters of the worker's.
void count_shed(Context& context, inspect::Tools& tools) noexcept {
    if (tools.left_unknown != 0) [[unlikely]] {
        context.counters.shed[static_cast<unsigned>(Rung::unknown)].add(tools.left_unknown);
        tools.left_unknown = 0;
    }
    if (tools.read_alone != 0) [[unlikely]] {
        context.counters.shed[static_cast<unsigned>(Rung::alone)].add(tools.read_alone);
        tools.read_alone = 0;
    }
}

}  // namespace

void inspect(Context& context, Burst& burst) noexcept {
    inspect::Tools& tools = context.inspector.tools();
    tools.leaves_unknown = context.effort.sheds(Rung::unknown);
    tools.reads_alone = context.effort.sheds(Rung::alone);
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
    count_shed(context, tools);
}

}  // namespace minerwall::path

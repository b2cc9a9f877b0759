#include "path/inspect_udp.hpp"

#include "path/gather.hpp"
#include "path/validity.hpp"
#include "path/work.hpp"

namespace minerwall::path {

void inspect_udp(Packet packet) noexcept {
    Context& context = packet.context();
    flow::Flow& flow = packet.flow();
    const packet::Frame& frame = packet.frame();
    inspect::Payload& payload = context.scratch.udp_pieces;
    gather(packet, payload);
    if (payload.pieces == 0 ||
        !inspect::UdpMessages::wants(flow, frame, payload.piece[0].front()) ||
        !receiver_accepts(packet) || is_over_share(packet)) {
        return;
    }
    const Meter meter(context.effort, taker_of(packet));
    linearise(payload, context.scratch.udp);  // it is a message as a whole
    inspect::Evidence& evidence = packet.evidence();
    evidence.clear();
    packet.set_news(context.udp.feed(flow, packet.direction(), frame, payload.piece[0], evidence));
    if (context.udp.conflict()) {
        packet.drop(Reason::stream_conflict);
    }
    if (evidence.app != inspect::App::unknown) {
        flow.app = static_cast<std::uint8_t>(evidence.app) & 0xf;
    }
}

}  // namespace minerwall::path

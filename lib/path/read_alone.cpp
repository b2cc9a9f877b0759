#include "path/read_alone.hpp"

#include "path/gather.hpp"
#include "path/validity.hpp"
#include "tcp/connection.hpp"

namespace minerwall::path {
namespace {

// A kernel end may complete checksums later (note_offload()); without a flow we cannot know.
bool is_accepted(Packet packet) noexcept {
    Context& context = packet.context();
    if (context.ports.offloaded || checksums_right(context, packet.bytes(), packet.frame())) {
        return true;
    }
    context.counters.bad_checksums.add();
    return false;
}

}  // namespace

bool seems_from_client(const packet::Frame& frame) noexcept {
    return tcp::sender_is_client(frame);
}

bool read_alone(Packet packet) noexcept {
    Context& context = packet.context();
    const packet::Frame& frame = packet.frame();
    if (!packet.is_keyed() || !frame.has_ports() || frame.payload_length == 0 ||
        !is_accepted(packet)) {
        return false;
    }
    context.counters.packets_judged_alone.add();
    inspect::Evidence& evidence = packet.evidence();
    evidence.clear();
    if (frame.is_udp()) {
        inspect::Payload& payload = context.scratch.udp_pieces;
        gather(packet, payload);
        if (payload.pieces == 0) {
            return false;
        }
        linearise(payload, context.scratch.udp);
        return context.udp.alone(frame, payload.piece[0], evidence);
    }
    inspect::Payload& payload = context.scratch.segment_pieces;
    gather(packet, payload);
    const auto direction =
        tcp::sender_is_client(frame) ? flow::Direction::to_server : flow::Direction::to_client;
    return context.inspector.alone(direction, frame, payload, evidence) ==
           inspect::Inspector::Taken::news;
}

}  // namespace minerwall::path

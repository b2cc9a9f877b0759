#include "path/validity.hpp"

#include "packet/checksum.hpp"
#include "packet/tunnel.hpp"

namespace minerwall::path {

bool checksums_right(Context& context, const rte_mbuf* m, const packet::Frame& frame) noexcept {
    if (!tunnel_checksums_right(context, m, frame)) {
        return false;
    }
    Bytes head{rte_pktmbuf_mtod(m, const std::uint8_t*), m->data_len};
    if (head.size() < frame.l4_offset) {
        const void* copy = rte_pktmbuf_read(m, 0, frame.l4_offset, context.scratch.checked.data());
        head = {static_cast<const std::uint8_t*>(copy), copy == nullptr ? 0u : frame.l4_offset};
    }
    if (!packet::verify_ip_checksum(head, frame)) {
        return false;
    }
    const std::uint32_t length = frame.l4_length();
    if (frame.l4_offset + length <= head.size()) {
        return packet::verify_l4_checksum(head.subspan(frame.l4_offset, length), frame);
    }
    if (length > context.scratch.checked.size()) {
        return true;  // longer than any frame that an end delivers
    }
    const void* l4 = rte_pktmbuf_read(m, frame.l4_offset, length, context.scratch.checked.data());
    return l4 != nullptr &&
           packet::verify_l4_checksum({static_cast<const std::uint8_t*>(l4), length}, frame);
}

bool tunnel_checksums_right(Context& context, const rte_mbuf* m,
                            const packet::Frame& frame) noexcept {
    if (!frame.is_tunnelled() || m->pkt_len > context.scratch.checked.size()) {
        return true;
    }
    const void* bytes = rte_pktmbuf_read(m, 0, m->pkt_len, context.scratch.checked.data());
    return bytes != nullptr && packet::verify_tunnel_checksums(
                                   {static_cast<const std::uint8_t*>(bytes), m->pkt_len}, frame);
}

bool receiver_accepts(Packet packet) noexcept {
    Context& context = packet.context();
    if (packet.flow().has(flow::Flow::unfinished(packet.direction())) ||
        checksums_right(context, packet.bytes(), packet.frame())) {
        return true;
    }
    context.counters.bad_checksums.add();
    return false;
}

void note_offload(Packet packet) noexcept {
    const packet::Frame& frame = packet.frame();
    flow::Flow& flow = packet.flow();
    const flow::Direction direction = packet.direction();
    const bool syn = frame.is_tcp() && (frame.tcp_flags & packet::kTcpSyn) != 0;
    const bool first = flow.packets[index(direction)] == 0;
    if (!syn && !first) {
        return;
    }
    if (checksums_right(packet.context(), packet.bytes(), frame)) {
        flow.clear(flow::Flow::unfinished(direction));
    } else if (first) {
        flow.set(flow::Flow::unfinished(direction));
    }
}

}  // namespace minerwall::path

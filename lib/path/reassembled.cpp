#include "path/reassembled.hpp"

namespace minerwall::path {
namespace {

rte_mbuf* new_segment(Context& context, std::uint16_t port) noexcept {
    rte_mbuf* m = rte_pktmbuf_alloc(context.reassembled_pool);
    if (m != nullptr) {
        m->port = port;
    }
    return m;
}

// Continues the chain `head` with the reassembled bytes. False: no buffer.
bool add_data(Context& context, std::uint32_t id, rte_mbuf* head) noexcept {
    const std::uint32_t length = context.fragments.length(id);
    rte_mbuf* last = head;
    for (std::uint32_t done = 0; done < length;) {
        std::uint32_t room = rte_pktmbuf_tailroom(last);
        if (room == 0) {
            rte_mbuf* next = new_segment(context, head->port);
            if (next == nullptr) {
                return false;
            }
            last->next = next;
            last = next;
            ++head->nb_segs;
            room = rte_pktmbuf_tailroom(last);
        }
        const std::uint32_t n = std::min(room, length - done);
        context.fragments.read(id, done,
                               {rte_pktmbuf_mtod_offset(last, std::uint8_t*, last->data_len), n});
        last->data_len = static_cast<std::uint16_t>(last->data_len + n);
        head->pkt_len += n;
        done += n;
    }
    return true;
}

}  // namespace

rte_mbuf* build_reassembled(Packet packet, std::uint32_t id, Bytes head) noexcept {
    Context& context = packet.context();
    const packet::Frame& frame = packet.frame();
    rte_mbuf* m = new_segment(context, packet.ingress());
    if (m == nullptr) {
        return nullptr;
    }
    const std::uint32_t link = frame.l3_offset;
    const std::uint32_t header = packet::reassembled_header_length(frame);
    auto* bytes = reinterpret_cast<std::uint8_t*>(
        rte_pktmbuf_append(m, static_cast<std::uint16_t>(link + header)));
    if (bytes == nullptr) {  // tunnels deeper than parse() reads
        rte_pktmbuf_free(m);
        return nullptr;
    }
    std::memcpy(bytes, head.data(), link);
    packet::write_reassembled_header({bytes + link, header}, head, frame,
                                     context.fragments.ip_proto(id), context.fragments.length(id));
    if (!add_data(context, id, m)) {
        rte_pktmbuf_free(m);
        return nullptr;
    }
    auto* note = new (m->buf_addr) ReassembledNote;
    note->ticket = context.fragments.ticket(id);
    note->worker = context.options.worker;
    const Bytes first{bytes, m->data_len};
    packet::parse_reassembled(first, m->pkt_len, frame, note->frame);
    if (note->frame.head_truncated() && m->nb_segs > 1) {
        const std::uint32_t n = std::min<std::uint32_t>(
            m->pkt_len, static_cast<std::uint32_t>(context.scratch.reassembled.size()));
        const void* all = rte_pktmbuf_read(m, 0, n, context.scratch.reassembled.data());
        packet::parse_reassembled({static_cast<const std::uint8_t*>(all), n}, m->pkt_len, frame,
                                  note->frame);
    }
    // The fragments' own header chain says so, and not the chain of a packet in a tunnel.
    if (context.fragments.source_routed(id) && note->frame.l3_offset == frame.l3_offset) {
        note->frame.flags |= packet::kSourceRouted;
    }
    return m;
}

}  // namespace minerwall::path

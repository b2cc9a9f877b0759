#include "path/gather.hpp"

namespace minerwall::path {

void gather(Packet packet, inspect::Payload& payload) noexcept {
    const packet::Frame& frame = packet.frame();
    payload.clear();
    std::uint32_t skip = frame.payload_offset;
    std::uint32_t left = frame.payload_length;
    for (const rte_mbuf* m = packet.bytes(); m != nullptr && left != 0; m = m->next) {
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

void linearise(inspect::Payload& payload, Scratch::Room& room) noexcept {
    if (payload.pieces < 2) {
        return;
    }
    std::size_t n = 0;
    for (unsigned p = 0; p < payload.pieces; ++p) {
        const Bytes piece = payload.piece[p];
        const std::size_t fit = std::min(piece.size(), room.size() - n);
        std::memcpy(room.data() + n, piece.data(), fit);
        n += fit;
    }
    payload.clear();
    payload.add({room.data(), n});
}

}  // namespace minerwall::path

#include "packet/craft.hpp"

#include <cstring>

#include "packet/checksum.hpp"
#include "packet/envelope.hpp"
#include "packet/headers.hpp"

namespace minerwall::packet {
namespace {

std::uint16_t l4_checksum(L3 l3, const Ends& ends, std::uint8_t protocol, Bytes l4) noexcept {
    const ChecksumSum pseudo =
        add_pseudo_header(l3, ends.src, ends.dst, protocol, static_cast<std::uint32_t>(l4.size()));
    return finish_checksum(add_checksum(l4, pseudo));
}

}  // namespace

std::size_t craft_reset(MutableBytes out, Bytes original, const Frame& frame, Toward toward,
                        std::uint32_t seq, std::uint32_t ack, bool with_ack) noexcept {
    if (!frame.is_tcp()) {
        return 0;
    }
    Envelope envelope(out, original, frame, toward);
    const std::size_t length = envelope.open(sizeof(TcpHeader));
    if (length == 0) {
        return 0;
    }
    const Ends ends = crafted_ends(frame, toward);
    TcpHeader tcp{};
    store_be16(tcp.src_port, ends.src_port);
    store_be16(tcp.dst_port, ends.dst_port);
    store_be32(tcp.seq, seq);
    store_be32(tcp.ack, with_ack ? ack : 0);
    tcp.data_offset = (sizeof tcp / 4) << 4U;
    tcp.flags = with_ack ? kTcpRst | kTcpAck : kTcpRst;

    std::uint8_t* l4 = envelope.l4();
    std::memcpy(l4, &tcp, sizeof tcp);
    store_be16(l4 + offsetof(TcpHeader, checksum),
               l4_checksum(frame.l3, ends, kProtoTcp, {l4, sizeof tcp}));
    envelope.close();
    return length;
}

std::size_t craft_udp_reply(MutableBytes out, Bytes original, const Frame& frame, Toward toward,
                            Bytes payload) noexcept {
    if (!frame.is_udp()) {
        return 0;
    }
    const std::size_t l4_length = sizeof(UdpHeader) + payload.size();
    Envelope envelope(out, original, frame, toward);
    const std::size_t length = envelope.open(l4_length);
    if (length == 0) {
        return 0;
    }
    const Ends ends = crafted_ends(frame, toward);
    UdpHeader udp{};
    store_be16(udp.src_port, ends.src_port);
    store_be16(udp.dst_port, ends.dst_port);
    store_be16(udp.length, static_cast<std::uint16_t>(l4_length));

    std::uint8_t* l4 = envelope.l4();
    std::memcpy(l4, &udp, sizeof udp);
    if (!payload.empty()) {
        std::memcpy(l4 + sizeof udp, payload.data(), payload.size());
    }
    const std::uint16_t sum = l4_checksum(frame.l3, ends, kProtoUdp, {l4, l4_length});
    // Zero would mean "no checksum"; all ones is the same number (RFC 768).
    store_be16(l4 + offsetof(UdpHeader, checksum), sum == 0 ? 0xffff : sum);
    envelope.close();
    return length;
}

}  // namespace minerwall::packet

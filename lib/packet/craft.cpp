#include "packet/craft.hpp"

#include <algorithm>
#include <cstring>

#include "packet/checksum.hpp"
#include "packet/headers.hpp"

namespace minerwall::packet {
namespace {

constexpr std::uint8_t kHopLimit = 64;  // IANA "IP Parameters": the default TTL

struct Ends {
    IpAddress src, dst;
    std::uint16_t src_port, dst_port;
};

Ends crafted_ends(const Frame& frame, Toward toward) noexcept {
    if (toward == Toward::receiver) {
        return {frame.src, frame.dst, frame.src_port, frame.dst_port};
    }
    return {frame.dst, frame.src, frame.dst_port, frame.src_port};
}

std::size_t ip_header_length(const Frame& frame) noexcept {
    return frame.l3 == L3::ipv4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header);
}

// Copies the link header and turns it round where asked. ip_length: of the new IP packet.
bool write_link(MutableBytes out, Bytes original, const Frame& frame, Toward toward,
                std::size_t ip_length) noexcept {
    const std::size_t length = frame.l3_offset;
    if (length < kEthernetHeaderLength || original.size() < length) {
        return false;
    }
    std::memcpy(out.data(), original.data(), length);
    if (toward == Toward::sender) {
        EthernetHeader ethernet;
        std::memcpy(&ethernet, original.data(), sizeof ethernet);
        const bool group = (ethernet.dst[0] & 1U) != 0;
        if (group || (frame.flags & kMpls) != 0) {
            return false;
        }
        std::swap(ethernet.src, ethernet.dst);
        std::memcpy(out.data(), &ethernet, sizeof ethernet);
    }
    if ((frame.flags & kPppoe) != 0) {
        const std::size_t ppp_length = ip_length + kPppProtocolLength;
        if (ppp_length > 0xffff) {
            return false;
        }
        // PPPoE and the PPP protocol field are always the last before IP.
        std::uint8_t* pppoe = out.data() + length - kPppProtocolLength - kPppoeHeaderLength;
        store_be16(pppoe + offsetof(PppoeHeader, length), static_cast<std::uint16_t>(ppp_length));
    }
    return true;
}

void write_ipv4(std::uint8_t* out, const Ends& ends, std::uint8_t protocol,
                std::size_t l4_length) noexcept {
    Ipv4Header ip{};
    ip.version_ihl = 0x45;
    store_be16(ip.total_length, static_cast<std::uint16_t>(sizeof ip + l4_length));
    // Never fragmented, so the id may be anything (RFC 6864, 4.1).
    store_be16(ip.fragment, kIpv4DontFragment);
    ip.ttl = kHopLimit;
    ip.protocol = protocol;
    std::memcpy(ip.src, ends.src.v4_bytes(), sizeof ip.src);
    std::memcpy(ip.dst, ends.dst.v4_bytes(), sizeof ip.dst);
    std::memcpy(out, &ip, sizeof ip);
    store_be16(out + offsetof(Ipv4Header, checksum),
               finish_checksum(add_checksum({out, sizeof ip})));
}

void write_ipv6(std::uint8_t* out, const Ends& ends, std::uint8_t protocol,
                std::size_t l4_length) noexcept {
    Ipv6Header ip{};
    ip.version_class_flow[0] = 0x60;
    store_be16(ip.payload_length, static_cast<std::uint16_t>(l4_length));
    ip.next_header = protocol;
    ip.hop_limit = kHopLimit;
    std::memcpy(ip.src, ends.src.bytes.data(), sizeof ip.src);
    std::memcpy(ip.dst, ends.dst.bytes.data(), sizeof ip.dst);
    std::memcpy(out, &ip, sizeof ip);
}

std::uint16_t l4_checksum(L3 l3, const Ends& ends, std::uint8_t protocol, Bytes l4) noexcept {
    const ChecksumSum pseudo =
        add_pseudo_header(l3, ends.src, ends.dst, protocol, static_cast<std::uint32_t>(l4.size()));
    return finish_checksum(add_checksum(l4, pseudo));
}

// Link and IP header and the padding; the l4_length bytes between them are the caller's.
// The frame's length, 0 where it cannot be made.
std::size_t write_envelope(MutableBytes out, Bytes original, const Frame& frame, Toward toward,
                           const Ends& ends, std::size_t l4_length) noexcept {
    const std::size_t ip_length = ip_header_length(frame) + l4_length;
    const std::size_t used = frame.l3_offset + ip_length;
    const std::size_t length = std::max(used, kEthernetMinimumLength);
    const std::size_t length_field = frame.l3 == L3::ipv4 ? ip_length : l4_length;
    if (length > out.size() || length_field > 0xffff ||
        !write_link(out, original, frame, toward, ip_length)) {
        return 0;
    }
    if (frame.l3 == L3::ipv4) {
        write_ipv4(out.data() + frame.l3_offset, ends, frame.ip_proto, l4_length);
    } else {
        write_ipv6(out.data() + frame.l3_offset, ends, frame.ip_proto, l4_length);
    }
    std::fill(out.begin() + static_cast<std::ptrdiff_t>(used),
              out.begin() + static_cast<std::ptrdiff_t>(length), std::uint8_t{0});
    return length;
}

}  // namespace

std::size_t craft_reset(MutableBytes out, Bytes original, const Frame& frame, Toward toward,
                        std::uint32_t seq, std::uint32_t ack, bool with_ack) noexcept {
    if (!frame.is_tcp()) {
        return 0;
    }
    const Ends ends = crafted_ends(frame, toward);
    const std::size_t length =
        write_envelope(out, original, frame, toward, ends, sizeof(TcpHeader));
    if (length == 0) {
        return 0;
    }
    TcpHeader tcp{};
    store_be16(tcp.src_port, ends.src_port);
    store_be16(tcp.dst_port, ends.dst_port);
    store_be32(tcp.seq, seq);
    store_be32(tcp.ack, with_ack ? ack : 0);
    tcp.data_offset = (sizeof tcp / 4) << 4U;
    tcp.flags = with_ack ? kTcpRst | kTcpAck : kTcpRst;

    std::uint8_t* l4 = out.data() + frame.l3_offset + ip_header_length(frame);
    std::memcpy(l4, &tcp, sizeof tcp);
    store_be16(l4 + offsetof(TcpHeader, checksum),
               l4_checksum(frame.l3, ends, kProtoTcp, {l4, sizeof tcp}));
    return length;
}

std::size_t craft_udp_reply(MutableBytes out, Bytes original, const Frame& frame, Toward toward,
                            Bytes payload) noexcept {
    if (!frame.is_udp()) {
        return 0;
    }
    const Ends ends = crafted_ends(frame, toward);
    const std::size_t l4_length = sizeof(UdpHeader) + payload.size();
    const std::size_t length = write_envelope(out, original, frame, toward, ends, l4_length);
    if (length == 0) {
        return 0;
    }
    UdpHeader udp{};
    store_be16(udp.src_port, ends.src_port);
    store_be16(udp.dst_port, ends.dst_port);
    store_be16(udp.length, static_cast<std::uint16_t>(l4_length));

    std::uint8_t* l4 = out.data() + frame.l3_offset + ip_header_length(frame);
    std::memcpy(l4, &udp, sizeof udp);
    if (!payload.empty()) {
        std::memcpy(l4 + sizeof udp, payload.data(), payload.size());
    }
    const std::uint16_t sum = l4_checksum(frame.l3, ends, kProtoUdp, {l4, l4_length});
    // Zero would say that there is none; ones are the same number (RFC 768).
    store_be16(l4 + offsetof(UdpHeader, checksum), sum == 0 ? 0xffff : sum);
    return length;
}

}  // namespace minerwall::packet

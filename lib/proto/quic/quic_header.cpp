#include "proto/quic/quic_header.hpp"

#include "base/cursor.hpp"

namespace minerwall::proto {
namespace {

constexpr std::uint8_t kLongHeader = 0x80;
constexpr std::size_t kMinHeader = 7;           // flags, version, two lengths of 0
constexpr std::size_t kRetryIntegrityTag = 16;  // RFC 9001, 5.8
// Header protection samples 16 bytes, four bytes behind the packet number's start (RFC 9001,
// 5.4.2). A receiver cannot read a shorter packet.
constexpr std::size_t kMinProtected = 4 + 16;

QuicPacketType packet_type(QuicVersion version, std::uint8_t first) noexcept {
    constexpr QuicPacketType kTypes[4] = {QuicPacketType::initial, QuicPacketType::zero_rtt,
                                          QuicPacketType::handshake, QuicPacketType::retry};
    const unsigned bits = (first >> 4) & 3;
    // Version 2 counts from 1: retry 0, initial 1, 0-RTT 2, handshake 3 (RFC 9369, 3.2).
    return kTypes[version == QuicVersion::v2 ? (bits + 3) & 3 : bits];
}

bool take_varint(Cursor& in, std::uint64_t& value) noexcept {
    Bytes rest = in.rest();
    const std::size_t before = rest.size();
    if (!take_quic_varint(rest, value)) {
        return false;
    }
    in.skip(before - rest.size());
    return in.ok();
}

}  // namespace

QuicVersion quic_version(std::uint32_t number) noexcept {
    switch (number) {
        case 0x00000001:
        case 0xff000021:
        case 0xff000022:
            return QuicVersion::v1;
        case 0x6b3343cf:
            return QuicVersion::v2;
        case 0xff00001d:
        case 0xff00001e:
        case 0xff00001f:
        case 0xff000020:
            return QuicVersion::draft29;
        default:
            return QuicVersion::unknown;
    }
}

bool take_quic_varint(Bytes& in, std::uint64_t& value) noexcept {
    if (in.empty()) {
        return false;
    }
    const std::size_t size = std::size_t{1} << (in[0] >> 6);
    if (size > in.size()) {
        return false;
    }
    value = in[0] & 0x3f;
    for (std::size_t i = 1; i < size; ++i) {
        value = (value << 8) | in[i];
    }
    in = in.subspan(size);
    return true;
}

bool parse_quic_long_header(Bytes datagram, QuicLongHeader& out) noexcept {
    if (datagram.size() < kMinHeader || (datagram[0] & kLongHeader) == 0) {
        return false;
    }
    Cursor in(datagram);
    const std::uint8_t first = in.u8();
    out = {};
    out.version_number = in.be32();
    out.version = quic_version(out.version_number);
    out.destination_id = in.take(in.u8());
    out.source_id = in.take(in.u8());
    if (!in.ok()) {
        return false;
    }
    out.size = datagram.size();
    if (out.version == QuicVersion::unknown) {
        out.type = out.version_number == 0 ? QuicPacketType::version_negotiation
                                           : QuicPacketType::unknown_version;
        return true;
    }
    if (out.destination_id.size() > kMaxQuicConnectionId ||
        out.source_id.size() > kMaxQuicConnectionId) {
        return false;
    }
    out.type = packet_type(out.version, first);
    if (out.type == QuicPacketType::retry) {
        if (in.left() < kRetryIntegrityTag) {
            return false;
        }
        out.token = in.take(in.left() - kRetryIntegrityTag);
        return true;
    }
    std::uint64_t length = 0;
    if (out.type == QuicPacketType::initial) {
        if (!take_varint(in, length) || length > in.left()) {
            return false;
        }
        out.token = in.take(static_cast<std::size_t>(length));
    }
    if (!take_varint(in, length) || length > in.left()) {
        return false;
    }
    out.number_offset = in.offset();
    out.size = in.offset() + static_cast<std::size_t>(length);
    return true;
}

bool QuicPackets::next(QuicLongHeader& header, Bytes& packet) noexcept {
    if (!parse_quic_long_header(rest_, header)) {
        rest_ = {};
        return false;
    }
    packet = rest_.first(header.size);
    rest_ = rest_.subspan(header.size);
    return true;
}

bool looks_like_quic_initial(Bytes datagram) noexcept {
    QuicPackets packets(datagram);
    QuicLongHeader header;
    Bytes packet;
    while (packets.next(header, packet)) {
        if (header.type == QuicPacketType::initial &&
            header.size - header.number_offset >= kMinProtected) {
            return true;
        }
    }
    return false;
}

}  // namespace minerwall::proto

#include "packet/fragment.hpp"

#include <cstring>

#include "packet/checksum.hpp"

namespace minerwall::packet {
namespace {

bool fits_packet(const FragmentPart& part, std::uint32_t longest) noexcept {
    return part.end() <= longest && (part.length != 0 || !part.more);
}

bool read_ipv4(Bytes head, const Frame& frame, FragmentPart& out) noexcept {
    const std::size_t at = frame.l3_offset;
    if (head.size() < at + sizeof(Ipv4Header)) {
        return false;
    }
    const std::uint8_t* ip = head.data() + at;
    const std::uint32_t header = (ip[0] & 0x0fU) * 4U;
    const std::uint32_t total = load_be16(ip + 2);
    if (header < sizeof(Ipv4Header) || total < header) {
        return false;
    }
    const std::uint16_t field = load_be16(ip + 6);
    out.id = load_be16(ip + 4);
    out.offset = (field & kIpv4OffsetMask) * 8U;
    out.more = (field & kIpv4MoreFragments) != 0;
    out.length = total - header;
    if (out.more) {
        out.length &= ~7U;
    }
    out.data_at = static_cast<std::uint32_t>(at) + header;
    out.ip_proto = ip[9];
    out.source_routed = false;
    return fits_packet(out, kMaxIpv4Data);
}

// Reads the first fragment header that is not atomic. It skips an atomic one before it, as the
// receiver does (RFC 6946).
bool read_ipv6(Bytes head, const Frame& frame, FragmentPart& out) noexcept {
    constexpr std::uint32_t kUnit = 8;
    std::uint32_t at = frame.l3_offset;
    if (head.size() < at + sizeof(Ipv6Header)) {
        return false;
    }
    const std::uint8_t* ip = head.data() + at;
    at += sizeof(Ipv6Header);
    const std::uint32_t end = at + load_be16(ip + 4);
    std::uint8_t next = ip[6];
    out.source_routed = false;
    for (unsigned n = 0; n < kMaxExtensionHeaders; ++n) {
        if (at + kUnit > end || at + kUnit > head.size()) {
            return false;
        }
        const std::uint8_t* header = head.data() + at;
        if (next == kProtoFragment) {
            const std::uint16_t field = load_be16(header + 2);
            if ((field & (kIpv6OffsetMask | kIpv6MoreFragments)) != 0) {
                out.id = load_be32(header + 4);
                out.offset = field & kIpv6OffsetMask;
                out.more = (field & kIpv6MoreFragments) != 0;
                out.data_at = at + kUnit;
                out.length = end - out.data_at;
                out.ip_proto = header[0];
                return (!out.more || out.length % kUnit == 0) && fits_packet(out, kMaxIpv6Data);
            }
            at += kUnit;
        } else if (next == kProtoAh) {
            at += (header[1] + 2U) * 4U;
        } else if (next == kProtoHopByHop || next == kProtoRouting || next == kProtoDestination) {
            out.source_routed = out.source_routed || (next == kProtoRouting && header[3] != 0);
            at += (header[1] + 1U) * kUnit;
        } else {
            return false;
        }
        next = header[0];
    }
    return false;
}

}  // namespace

bool read_fragment(Bytes head, const Frame& frame, FragmentPart& out) noexcept {
    return frame.l3 == L3::ipv4 ? read_ipv4(head, frame, out) : read_ipv6(head, frame, out);
}

void write_reassembled_header(MutableBytes out, Bytes head, const Frame& fragment,
                              std::uint8_t ip_proto, std::uint32_t data_length) noexcept {
    std::memcpy(out.data(), head.data() + fragment.l3_offset, reassembled_header_length(fragment));
    std::uint8_t* ip = out.data();
    if (fragment.l3 == L3::ipv6) {
        store_be16(ip + 4, static_cast<std::uint16_t>(data_length));
        ip[6] = ip_proto;
        return;
    }
    ip[0] = 0x45;
    store_be16(ip + 2, static_cast<std::uint16_t>(sizeof(Ipv4Header) + data_length));
    store_be16(ip + 6, 0);
    ip[9] = ip_proto;
    store_be16(ip + 10, 0);
    store_be16(ip + 10, finish_checksum(add_checksum({ip, sizeof(Ipv4Header)})));
}

}  // namespace minerwall::packet
